/** Programs that read an image with the interpreter's own calls; each calls `f` with its length and its CRC. */
import { SENSOR_JPEG, SENSOR_SIZES } from "../../../../protocols/device/camera/ov2640.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Of an ArduCAM Mini on SPI1, I2C1 and D5, which are set up: 160 by 120, cut at FF D9. */
export const CAPTURE = `
function x(s){return E.toString(SPI1.send(s,D5))}
function w(t){for(var i=0;i<t.length;i+=4)I2C1.writeTo(0x30,String.fromCharCode(parseInt(t.substr(i,2),16),parseInt(t.substr(i+2,2),16)))}
function q(){if(x("\\x41\\0").charCodeAt(1)!=8)return setTimeout(q,10);
  var n=x("\\x43\\0").charCodeAt(1)*256+x("\\x42\\0").charCodeAt(1),s="";
  while(s.length<n)s+=x("\\x3c"+"\\0".repeat(256)).substr(1);
  var e=s.indexOf("\\xff\\xd9")+2;f({length:e,crc:E.CRC32(s.substr(0,e))})}
w("ff011280");
setTimeout(function(){w("${hex(SENSOR_JPEG)}${hex(SENSOR_SIZES["160x120"]!)}");x("\\x84\\x01");x("\\x84\\x02");q()},100);
`;

/**
 * Of a VC0706 on Serial1 that is set to 160 by 120 and has just got its power.
 * @param ready ms until it is @param baud to raise it to @param code of that @param part bytes at once @param options of the port
 */
export function readVc0706(ready: number, baud: number, code: string, part: number, options = ""): string {
  return `
var b="",g,h;Serial1.on("data",function(d){b+=d;if(g&&b.length>=g){var r=b;b="";g=0;h(r)}});
function a(s,n,k){b="";g=n;h=k;Serial1.write(s)}
Serial1.setup(38400,{${options}});
function p(s,n){if(s.length>=n)return f({length:n,crc:E.CRC32(s.substr(0,n))});var m=Math.min(${part},Math.ceil((n-s.length)/8)*8);
a("\\x56\\0\\x32\\x0c\\0\\x0a\\0\\0"+String.fromCharCode(s.length>>8,s.length)+"\\0\\0"+String.fromCharCode(m>>8,m)+"\\0\\x0a",m+10,
function(r){p(s+r.substr(5,m),n)})}
setTimeout(function(){a("\\x56\\0\\x24\\x03\\x01${code}",5,function(){Serial1.setup(${baud},{${options}});setTimeout(function(){
a("\\x56\\0\\x36\\x01\\0",5,function(){a("\\x56\\0\\x34\\x01\\0",9,function(r){p("",r.charCodeAt(7)*256+r.charCodeAt(8))})})},200)})},${ready});
`;
}

/** @param done what is done with the result, `r` @param setup what comes first */
export function program(text: string, done: string, setup: string): string {
  return `${setup}function f(r){${done}}${text}`;
}
