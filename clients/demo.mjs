// Starts `provisioner demo` on free ports and waits until its walk is over, so that there are people, an app and accounts to ask for.
import { spawn } from "node:child_process";

/** A debug build on a busy machine walks for about half a minute. */
const PATIENCE_MS = 240_000;

/** A running demo: its address, a token of the owner, and how to end it. */
export async function startDemo(binary) {
  const child = spawn(binary, ["demo", "--listen", "127.0.0.1:0", "--sandbox-listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "pipe"] });
  const closed = new Promise((resolve) => child.on("close", resolve));
  const stop = () => {
    child.kill("SIGTERM");
    return closed;
  };
  process.on("exit", () => child.kill("SIGKILL"));
  let said = "";
  child.stderr.on("data", (text) => (said += text));
  const ready = new Promise((resolve, reject) => {
    child.stdout.on("data", (text) => {
      said += text;
      const url = said.match(/^ +API +(http:\/\/\S+)$/m)?.[1];
      const token = said.match(/^PROVISIONER_TOKEN=(\S+)$/m)?.[1];
      if (url && token) resolve({ url, token, stop });
    });
    child.on("error", reject);
    child.on("close", (code) => reject(new Error(`the demo ended with ${code}:\n${said}`)));
    setTimeout(() => reject(new Error(`the demo is not ready:\n${said}`)), PATIENCE_MS).unref();
  });
  const failed = () => said.split("\n").filter((line) => line.includes("✗"));
  const demo = await ready;
  if (failed().length) {
    await stop();
    throw new Error(`a step of the demo failed:\n${failed().join("\n")}`);
  }
  return demo;
}
