/**
 * Native functions by names of their own. The interpreter finds a global by trying every variable of every scope of
 * ours first and its own tables last, each time: the first variables of the module's scope cost a tenth of that.
 */
const NATIVES = [
  "String.fromCharCode",
  "E.CRC32",
  "getTime",
  'require("crypto").SHA256',
  'require("crypto").AES.encrypt',
  "E.toString",
  "Object.create",
];

/**
 * Gives each of them that a minified script calls more than once a variable, in front of all others.
 * @param crypto whether the board has that module: where it is missing, what asks for it is never called
 */
export function nameNatives(code: string, crypto: boolean): string {
  const declared: string[] = [];
  NATIVES.forEach((native, i) => {
    if (!crypto && native.includes("crypto")) return;
    const uses = code.split(`${native}(`);
    if (uses.length < 3) return;
    const name = `$${i}`;
    if (new RegExp(`\\${name}(?![\\w$])`).test(code)) throw new Error(`the script has a name ${name} already`);
    declared.push(`${name}=${native}`);
    code = uses.join(`${name}(`);
  });
  return declared.length === 0 ? code : `var ${declared.join(",")};${code}`;
}
