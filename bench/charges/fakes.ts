/** The interpreter's events and peripherals as text, as far as the firmware uses them: all that happens is a call from outside. */

const STORAGE =
  "exports.readJSON=function(){return Qconfig};exports.read=function(n,o,l){if(n=='devsock')return Qprogram.substring(o,o+l)};" +
  "exports.list=function(){return[]};exports.getFree=function(){return 1e5};exports.write=exports.erase=exports.compact=function(){}";

export const FAKES = [
  "var Qtime,Qtimers={},Qid=0,Qwritten=[],Qlisten={},Qlook,Qserve,Qgiven;",
  "var getTime=function(){return Qtime};",
  "var setTimeout=function(f,t,a){Qtimers[++Qid]=[f,a,Qtime*1000+(t||0)];return Qid};",
  "var clearTimeout=function(i){if(i)delete Qtimers[i]};",
  "var setInterval=function(f,n){if(n==50)Qlook=f};",
  "function Qrun(i){var t=Qtimers[i];delete Qtimers[i];t[0](t[1])}",
  "E.hwRand=function(){return 1234567};E.openFile=function(){return{read:function(){return 'nobody knows'}}};",
  "process.memory=function(){return{usage:0,total:5000}};",
  `Modules.addCached("Storage",${JSON.stringify(STORAGE)});`,
  'Modules.addCached("net","exports.createServer=function(f){Qserve=f;return{listen:function(){}}}");',
  "var Qsocket={sckt:1,on:function(e,f){Qlisten[e]=f},removeAllListeners:function(e){delete Qlisten[e]},",
  "write:function(d){Qwritten.push(d);return false},end:function(){}};",
  "var digitalRead=function(){return 1},pinMode=function(){},clearWatch=function(){};",
  "var setWatch=function(f,p){Qlisten[p==D4?'int':'leads']=f;return 1};",
  "var Qbuffers=[new Uint16Array(50),new Uint16Array(50)];",
  "var Waveform=function(){this.buffer=Qbuffers[0];this.buffer2=Qbuffers[1]};",
  "Waveform.prototype={on:function(e,f){Qlisten.flip=f},startInput:function(){},stop:function(){}};",
  "var Qstatus=new Uint8Array([128,0,0,0,17,0,0]),Qpart=new Uint8Array([21]),Qfifo=new Uint8Array(102).fill(1);",
  "var I2C1={setup:function(){},writeTo:function(){},readFrom:function(a,n){return n==7?Qstatus:n==1?Qpart:Qfifo}};",
  "var Serial1={on:function(){},setup:function(){},write:function(){}};",
  // What came while nobody listened.
  "var Qkept='',Serial2={setup:function(){},write:function(){},on:function(e,f){if(e=='data')Qlisten.uart=f},",
  "removeAllListeners:function(){delete Qlisten.uart},read:function(){var k=Qkept;Qkept='';return k}};",
  "function Qchar(c){if(Qlisten.uart)Qlisten.uart(c);else Qkept+=c}",
].join("");
