/**
 * The helpers that the compiler may call in firmware: none. Inheritance, async functions, generators, rest and spread
 * would each need one, and are a compile error instead (TS2343): the interpreter gets them wrong or pays dearly.
 */
export {};
