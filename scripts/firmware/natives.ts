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

/**
 * Gives the prototype that methods are being added to a variable, `$_`, which is to be declared: some 170 times nine bytes of the
 * board's Storage. And makes each anew: the interpreter's own names its constructor, which takes two variables and nobody asks for.
 */
export function namePrototypes(code: string): string {
  if (/\$_\b/.test(code)) throw new Error("the script has a name $_ already");
  let current = "";
  return code.replace(/([\w$]+)\.prototype\.(?=[\w$]+=function)/g, (_text, name: string, at: number) => {
    if (name === current) return "$_.";
    const anew = code.indexOf(`${name}.prototype`) === at ? "={}" : "";
    current = name;
    return `($_=${name}.prototype${anew}).`;
  });
}
