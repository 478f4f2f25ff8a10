/**
 * The cameras of `driver.*`, as text for the interpreter: each answers what its driver says with a valid reply, and has an image that does not end. Those on a UART
 * answer in the next step of board time, a part or a package each; the one on SPI is as fast as its link.
 */

import { VC_PARTS } from "../../protocols/device/camera/vc0706.js";

/** Bytes of a package and a burst, in which their bytes come. */
const PART = 512;

export interface Camera {
  readonly driver: string;
  readonly device: Readonly<Record<string, unknown>>;
  /** What happens in a step. */
  readonly events: string;
}

const path = "/dev/null";
const size = "160x120";

export const CAMERAS: readonly Camera[] = [
  {
    driver: "vc0706",
    device: { uart: "Serial2", path, size },
    events: 'if(Qasked){Qreply=Qvc(Qasked);Qasked="";Serial2.inject(Qreply)}',
  },
  {
    driver: "ov528",
    device: { uart: "Serial3", path, size },
    events: 'if(Qasked){Qreply=Qov(Qasked);Qasked="";if(Qreply)Serial3.inject(Qreply)}',
  },
  { driver: "ov2640", device: { spi: "spi0", i2c: "i2c0", size }, events: "" },
];

/** By the variable that counts their calls. */
export const CAMERA_FAKES: Readonly<Record<string, string>> = {
  Qa: "getTime()",
  Qc: 'I2C1.writeTo(1,"\\0")',
  Qd: "I2C1.readFrom(1,1)",
  Qk: 'Serial2.write("")',
  Ql: 'Qvc("\\x56\\0\\x32\\x0c\\0\\x0a\\0\\0\\0\\0\\0\\0\\3\\0\\0\\x0a")',
  Qo: 'Qov("\\xaa\\x0e\\0\\0\\1\\0")',
  Qp: 'SPI1.send(["\\x3c",{data:0,count:3}],0)',
};

/** Goes behind the text of the sensors' fakes. */
export const CAMERA_TEXT = [
  'var Qk=0,Ql=0,Qo=0,Qp=0,Qasked="",Qreply="",Qmark="\\0\\0",Qchip=new Uint8Array([38]);',
  // Flat: what the interpreter would have made of it costs more to read.
  `var Qzero=E.toString(new Uint8Array(${PART})),Qpart=E.toString(new Uint8Array(${VC_PARTS.usual})),Qbursts={};`,
  // As many as are asked for: each is the begin of an image.
  "function Qburst(n){var b=new Uint8Array(n);b[1]=255;b[2]=216;return Qbursts[n]=E.toString(b)}",
  "Serial2.write=Serial3.write=function(d){Qk++;Qasked=d};",
  "I2C1.readFrom=function(){Qd++;return Qchip};",
  // A part; a length of a million; the register of its size; its version; others.
  'function Qvc(d){Ql++;var c=d[2],r="\\x76\\0"+c+"\\0\\0";' +
    'if(c=="\\x32")return r+Qpart+r;if(c=="\\x34")return r+"\\0\\x0f\\xff\\xf8";if(c=="\\x30")return r+"\\x22";' +
    'if(c=="\\x11")return r+"VC0703 1.00";return r}',
  // Its sum is that of its number and of its length, 506.
  `function Qov(d){Qo++;var c=d[1];if(c=="\\x0e"){if(d[2]!="\\0"||d[4]=="\\xf0")return"";c=d.charCodeAt(4)+d.charCodeAt(5)+${(PART - 6) & 0xff}+1;` +
    'return d.substr(4,2)+"\\xfa\\1"+Qzero.substr(6)+String.fromCharCode(c)+"\\0"}' +
    'var r="\\xaa\\x0e"+c+"\\0\\0\\0";if(c=="\\x04")return r+"\\xaa\\x0a\\1\\xff\\xff\\x0f";if(c=="\\x0d")return r+"\\xaa\\x0d\\0\\0\\0\\0";return r}',
  "var SPI1={setup:function(){},send:function(d){Qp++;var n=d[1].count;if(n)return Qbursts[++n]||Qburst(n);" +
    'if(d[0]=="\\x80")Qmark=d;if(d[0]=="\\0")return Qmark;return d[0]=="\\x41"?"\\0\\x08":d[0]=="\\x44"?"\\0\\5":"\\0\\xff"}};',
].join("");
