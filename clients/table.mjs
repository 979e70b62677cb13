// The table that both scripts print: one row for each check, and a code other than zero at the end when one of them failed.

export class Table {
  #rows = [];

  /** Runs one check, whose answer is a remark; what it throws is its failure. */
  async row(name, work) {
    const begun = performance.now();
    let row;
    try {
      row = { name, passed: true, remark: (await work()) ?? "" };
    } catch (error) {
      row = { name, passed: false, remark: String(error?.message ?? error) };
    }
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    this.#rows.push(row);
    console.log(`${row.passed ? "  ✓" : "  ✗"}  ${name}${row.remark ? `: ${row.remark}` : ""} (${seconds} s)`);
  }

  /** Says how many passed, and what failed once more, and sets the code to end with. */
  end() {
    const failed = this.#rows.filter(({ passed }) => !passed);
    console.log(`\n${this.#rows.length - failed.length} of ${this.#rows.length} passed`);
    for (const { name, remark } of failed) console.log(`FAILED  ${name}: ${remark}`);
    process.exitCode = failed.length ? 1 : 0;
  }
}
