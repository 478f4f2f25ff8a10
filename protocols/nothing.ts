/** What is called where nobody listens: one for all, as each function takes four of a board's variables. */
export function nothing(): void {}
