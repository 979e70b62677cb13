// The audits of graphql-http: the specification of GraphQL over HTTP, request by request. MUST, SHOULD and MAY alike have to pass.
import { serverAudits } from "graphql-http";

export async function audit(table, { url, token }) {
  const fetchFn = (input, init) => fetch(input, { ...init, headers: { ...init?.headers, authorization: `Bearer ${token}` } });
  await table.row("graphql-http audits", async () => {
    const audits = serverAudits({ url, fetchFn });
    const failed = [];
    for (const each of audits) {
      const { status, reason } = await each.fn();
      if (status !== "ok") failed.push(`${each.id} ${each.name}: ${status}, ${reason}`);
    }
    if (failed.length) throw new Error(failed.join("\n"));
    return `${audits.length} of ${audits.length}`;
  });
}
