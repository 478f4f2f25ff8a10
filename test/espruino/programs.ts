/**
 * Small programs whose output must be the same on both interpreters, however the machine holds the real one up: no two
 * timers race, each step begins when the one before is done.
 */

interface Program {
  title: string;
  program: string;
  /** Milliseconds it needs. */
  ms?: number;
}

/** `later(n, f)` runs f when n turns of the idle loop have gone by, 4 ms apart. */
const LATER = "function later(n,f){setTimeout(function(){n?later(n-1,f):f()},4)}";

export const programs: Program[] = [
  {
    title: "emits later, in order, and behind what is queued",
    program: `
      var o={};
      o.on("x",function(a){print("x1",a,this===o);o.emit("y",a)});
      o.on("x",function(a){print("x2",a)});
      o.on("y",function(a){print("y",a);
        if(a==2)setTimeout(function(){print("timeout");o.emit("x",3);print("in timeout")},1)});
      o.emit("x",1);o.emit("x",2);print("after");`,
  },
  {
    title: "does not call a listener that is added while its event is handled",
    program: `
      var o={};
      o.on("x",function(){print("first");o.on("x",function(){print("late")});
        setTimeout(function(){o.removeAllListeners("x");o.emit("x");print("none",o["#onx"])},5)});
      o.emit("x");`,
  },
  {
    title: "removes one listener, prepends another, stops an event",
    program: `
      var o={};
      function f(){print("f");
        setTimeout(function(){o.removeListener("x",f);o.on("x",function(){print("stop");E.stopEventPropagation()});
          o.on("x",function(){print("never")});o.emit("x")},5)}
      o.on("x",f);o.prependListener("x",function(){print("before")});o.emit("x");`,
  },
  {
    title: "finds what is cut off by a string's end",
    program: `
      print("abcd\\n".indexOf("\\nef"),"abcd\\n".includes("\\nef"),"abcdef".indexOf("efg"),"abcdef".indexOf("fgh",5),"abcdef".indexOf("fgh",6),"a\\n".indexOf("\\nef"));
      print("abcabd".indexOf("abd"),"abcdab".indexOf("abd"),"abcdab".indexOf("bd",5),"abcdab".lastIndexOf("abd"),"abcdef".split("efg").length,"abc".indexOf(""),"abc".indexOf("c"));
      print("abcdef".startsWith("abcdefg"),"abcdef".endsWith("efg"));`,
  },
  {
    title: "runs timers that are late in order of making",
    program: `
      setTimeout(function(){print("made first")},3);setTimeout(function(){print("due first")},1);
      var e=getTime()+0.01;while(getTime()<e);`,
  },
  {
    title: "runs a timer that is due before one that is not",
    program: `
      var t=getTime(),order="";
      function ran(name){order+=name;if(order.length==2)print(order=="ab"||getTime()-t>=0.05)}
      setTimeout(function(){ran("b")},50);setTimeout(function(){ran("a")},1);`,
  },
  {
    title: "keeps intervals, clears them, passes arguments on",
    program: `
      var n=0,i=setInterval(function(){print("i",n++);if(n==3){clearInterval(i);
        var t=getTime();setTimeout(function(a,b){print(a,b,getTime()-t>0.009)},10,"p",7)}},2);
      try{clearTimeout(undefined)}catch(e){print(e.message)}`,
  },
  {
    title: "goes on after an exception in a callback",
    program: `
      var o={};
      var next=[function(){null.x},function(){print("goes on")}];
      process.on("uncaughtException",function(e){print("caught",e instanceof Error);setTimeout(next.shift(),5)});
      o.on("x",function(){print(1);throw new Error("first")});
      o.on("x",function(){print(2)});
      o.emit("x");`,
  },
  {
    title: "sums and converts",
    program: `
      print(E.CRC32("123456789"),E.CRC32([49,50,51]),E.CRC32(new Uint8Array([1,2,255])),E.CRC32("\\xff\\0"),E.CRC32(""));
      var s="payload\\0\\xff",c=E.CRC32(s);
      print(E.CRC32(s+String.fromCharCode(c,c>>8,c>>16,c>>24)));
      print(E.toString([65,66]),E.toString("a",[66],new Uint8Array([67])),E.toUint8Array("abc",1,[2,3]).join());
      print(E.sum([1,2,250]),E.reverseByte(3),E.clip(9,1,5));
      print(E.toString({data:"ab",count:3}),E.toUint8Array(300).join());
      var a=new Uint8Array(4);E.mapInPlace(new Uint8Array([1,2,3]),a,function(x,i){return x*2+i});print(a.join());`,
  },
  {
    title: "keeps strings binary",
    program: `
      print(String.fromCharCode(0x141),String.fromCharCode(65,322).length,("\\xff"+"\\x80").charCodeAt(1));
      print(JSON.stringify("a\\x7f\\x80\\xff\\n\\0\\x0b'\\""));
      var s="";for(var i=0;i<256;i++)s+=String.fromCharCode(i);
      print(s.length,E.CRC32(s),s.indexOf("\\xc0\\xc1"),s.slice(250).length,E.CRC32(s.split("\\x80").join("-")));
      print("abcabc".replace("b","x"),"a-b-c".split("-").length,"abc".substr(1,1),"abc".substring(2,0));
      print(btoa("\\xff\\0a"),E.CRC32(atob("/wBh")));`,
  },
  {
    title: "counts in 32 bits and in floats",
    program: `
      print(0xffffffff|0,1<<31,(1<<31)>>>0,0xdeadbeef^0,-1>>>0,2147483647+1,0x80000000,5/2|0,-7%3,7&-2);
      print((255).toString(16),(0.5).toFixed(2),parseInt("12abc"),parseInt("0x1f"),parseInt("ff",16),isNaN("x"));
      print(Math.max(1,5,3),Math.min(),Math.floor(-1.5),Math.round(2.5),Math.pow(2,10),Math.abs(-3));`,
  },
  {
    title: "has typed arrays with a slice that is none",
    program: `
      var a=new Uint8Array([1,2,3,4]);
      print(a.slice(1) instanceof Array,a.slice(1,3).join(),a.subarray(1,3).length,a.subarray(2)[0]);
      a.set([9,8],1);print(a.join());a.set("AB",2);print(a.join());a.fill(7);print(a.join());
      print(new Uint8Array([256,-1,1.7]).join(),new Uint16Array(2).byteLength,new Int8Array([200])[0]);
      var d=new DataView(new ArrayBuffer(8));d.setUint32(0,0x01020304,true);d.setUint16(4,0xabcd);
      print(d.getUint8(0),d.getUint16(4,true),new Uint8Array(d.buffer).join());
      print(a.map(function(x){return x+250}).join(),a.indexOf(7),a.reduce(function(s,x){return s+x},0));`,
  },
  {
    title: "reads and writes Storage",
    program: `
      var s=require("Storage");function t(f){try{print(f())}catch(e){print(e.message)}}
      t(function(){return s.write("a","Hello",0,14)});t(function(){return JSON.stringify(s.read("a"))});
      t(function(){return s.write("a"," ",5)});t(function(){return s.write("a","World!!!",6)});
      t(function(){return s.read("a")});t(function(){return s.read("a",6,5)});
      t(function(){return s.write("a","X",2)});t(function(){return s.write("a","much too long for it",9)});
      t(function(){return s.write("e","")});t(function(){return s.read("none")});
      t(function(){return s.readJSON("none")});
      t(function(){return s.write("b",{a:1})});t(function(){return s.read("b")});
      t(function(){return s.readJSON("b").a});t(function(){return s.readJSON("a",true)});
      t(function(){return s.write("c",[1,2,300])});t(function(){return JSON.stringify(s.read("c"))});
      t(function(){return s.list().join()});t(function(){return s.list(/^b/).join()});
      s.erase("a");s.erase("none");t(function(){return s.list().join()});
      t(function(){return s.write("b","new")});t(function(){return s.read("b")});
      t(function(){return s.write("j",'{"x":[1,2]}')});t(function(){return s.readJSON("j").x.length});`,
  },
  {
    title: "loads modules from the cache and from Storage, once",
    program: `
      Modules.addCached("m","exports.a=1;exports.f=function(){return 2}");
      print(require("m").a,require("m").f(),require("m")===require("m"));
      Modules.addCached("n",function(){exports.b=3});print(require("n").b);
      require("Storage").write("st","print('loading',typeof module,typeof exports,this===exports);exports.q=5");
      print(require("st").q);print(require("st").q);
      require("Storage").write("mx","module.exports={z:1}");print(require("mx").z);
      try{require("none")}catch(e){print(e.message)}
      Modules.removeCached("m");print(Modules.getCached().indexOf("m"));`,
  },
  {
    title: "resolves promises from the queue",
    program: `
      var o={};o.on("x",function(){print("event")});
      new Promise(function(r){print("now");r(1)}).then(function(v){print("then",v);return v+1}).then(function(v){print(v);throw "bad"})
        .catch(function(e){print("catch",e);return 9}).then(function(v){print("end",v)});
      o.emit("x");print("sync");
      Promise.all([Promise.resolve(1),2]).then(function(l){print("all",l.join())});
      Promise.reject("no").catch(function(e){print("rejected",e)});`,
  },
  {
    title: "fills the event queue, drops the rest and says so",
    program: `${LATER}
      E.on("errorFlag",function(f){print("flag",f.join())});
      var got=0,lens=[];
      LoopbackA.on("data",function(d){got+=d.length;if(lens.length<4)lens.push(d.length)});
      for(var i=0;i<100;i++)LoopbackB.write("0123456789012345678901234567890123456789");
      print("used",process.memory().rx.used,process.memory().rx.total);
      later(5,function(){print("got",got,lens.join(),E.getErrorFlags().join())});`,
  },
  {
    title: "keeps 512 bytes for a listener that comes late",
    program: `${LATER}
      E.on("errorFlag",function(f){print("flag",f.join())});print(LoopbackA.available());
      for(var i=0;i<20;i++)LoopbackB.write("0123456789012345678901234567890123456789");
      later(5,function(){
        print(LoopbackA.available(),LoopbackA.read(2),E.getErrorFlags().join());
        LoopbackA.on("data",function(d){print("late",d.length)});
      });`,
  },
  {
    title: "writes ints, strings, arrays and counts to a port",
    program: `${LATER}
      var all="";LoopbackA.on("data",function(d){all+=d});
      LoopbackB.write("a","b",[67,68],{data:"x",count:3},5,300);LoopbackB.print("q\\nr");LoopbackB.println([1,2]);
      later(5,function(){print(JSON.stringify(all))});`,
  },
  {
    title: "throws at once when a connection is refused, or the host unknown",
    program: `
      var net=require("net");
      try{net.connect({host:"127.0.0.1",port:1},function(){})}catch(e){print(e.message,e.type)}
      try{net.connect({host:"nowhere.invalid",port:PORT},function(){})}catch(e){print(e.message,e.type)}
      print("goes on");`,
  },
  {
    title: "serves a connection: chunks, drain, the end of one side ends both",
    program: `${LATER}
      var net=require("net"),s=[],c=[],got=0,most=0,open=2;
      function closed(){if(!--open)later(5,function(){print(s.join());print(c.join());print(got,most);
        try{k.write("late")}catch(e){print(e.message)}})}
      net.createServer(function(x){
        s.push("open "+typeof x.sckt);
        x.on("data",function(d){got+=d.length;most=Math.max(most,d.length)});
        x.on("end",function(){s.push("end")});x.on("close",function(e){s.push("close "+e);closed()});
        s.push(x.write("hello"));
      }).listen(PORT);
      var k=net.connect({host:"127.0.0.1",port:PORT},function(x){
        c.push("open "+(x===k));
        x.on("data",function(d){c.push(d);x.end("bye");try{x.write("more")}catch(e){c.push(e.message)}});
        c.push(x.write("x".repeat(1200)));
      });
      k.on("end",function(){c.push("end")});k.on("close",function(e){c.push("close "+e);closed()});`,
    ms: 200,
  },
  {
    title: "leaves a connection alone whose number is taken away, and goes on when it is back",
    program: `${LATER}
      var net=require("net"),got=0,n;
      net.createServer(function(c){c.on("data",function(d){got+=d.length;if(got==5000)print("all");
        if(!n){n=c.sckt;c.sckt=0;later(20,function(){print(got<=536);c.sckt=n})}})}).listen(PORT);
      net.connect({host:"127.0.0.1",port:PORT},function(c){c.write("x".repeat(5000))});`,
    ms: 300,
  },
  {
    title: "gives a listener that comes too late the same bytes again and again",
    program: `
      var net=require("net"),n=0,same=0,first;
      net.createServer(function(c){setTimeout(function(){
        c.on("data",function(d){if(d.length>512){if(first===undefined)first=d;if(d===first)same++}n++;
          if(n==20){c.removeAllListeners("data");print("same block",same>10)}})},150)}).listen(PORT);
      net.connect({host:"127.0.0.1",port:PORT},function(c){c.write("q".repeat(536)+"r".repeat(536))});`,
    ms: 400,
  },
  {
    title: "cuts datagrams at 528 bytes, takes both forms of send, closes twice over",
    program: `${LATER}
      var d=require("dgram"),log=[],u=d.createSocket("udp4"),v=d.createSocket("udp4");
      print(u.bind(PORT,function(r){log.push("bound "+(r===u))})===u);
      u.on("message",function(m,r){log.push(m.length+" "+r.size+" "+r.address+" "+typeof r.port);
        if(m.length<9)u.send("re:"+m,r.port,r.address);else u.close()});
      u.on("close",function(e){log.push("close "+e);later(5,function(){
        try{u.send("x",PORT,"127.0.0.1")}catch(e){log.push(e.message)}print(log.join(";"))})});u.on("end",function(){log.push("end")});
      v.on("message",function(m){log.push(m);
        if(m=="re:abc")v.send("0123456789",2,3,PORT,"127.0.0.1");else v.send("y".repeat(600),PORT,"127.0.0.1")});
      v.send("abc",PORT,"127.0.0.1");`,
    ms: 200,
  },
  {
    title: "hashes and encrypts, and says what is wrong",
    program: `
      var c=require("crypto"),k="0123456789abcdef",t="sixteen bytes of";
      function hex(b){var s="";new Uint8Array(b).forEach(function(n){s+=(256+n).toString(16).substr(1)});return s}
      function tell(f){try{var r=f();print(r===undefined?"undefined":hex(r))}catch(e){print(e.message)}}
      tell(function(){return c.SHA256("abc")});
      tell(function(){return c.SHA256(["a",c.SHA256("b"),[99]])});
      tell(function(){return c.SHA256(["a",undefined])});
      tell(function(){return c.SHA256()});
      tell(function(){return c.AES.encrypt(t,k)});
      tell(function(){return c.AES.encrypt(t,k,{iv:t})});
      tell(function(){return c.AES.encrypt(t+"!",k,{mode:"CTR"})});
      tell(function(){return c.AES.encrypt(t+"!",k,{mode:"CTR",iv:t})});
      tell(function(){return c.AES.encrypt(t+t,c.AES.encrypt(t,k),{mode:"CTR"})});
      tell(function(){return c.AES.encrypt(t+t,k,{mode:"ECB"})});
      tell(function(){return c.AES.encrypt(t+"!",k)});
      tell(function(){return c.AES.encrypt(t,"short")});
      tell(function(){return c.AES.encrypt(t,undefined)});
      tell(function(){return c.AES.encrypt(undefined,k)});
      tell(function(){return c.AES.encrypt(t,k,{mode:"XTS"})});
      tell(function(){return c.AES.encrypt(t,k,{mode:"OFB"})});
      tell(function(){return c.AES.encrypt(t,k,3)});
      tell(function(){return E.toString(undefined)});
      print(E.toString(c.SHA256("abc")).length);`,
  },
  {
    title: "makes functions of texts, with names of parameters that may be more than what is given",
    program: `
      var n=1,f=Function("a","b","var t=2;function g(){return t+a}return g()+(b===undefined?n:b)"),m=Function("n","\\xabn*n");
      print(f(3),f(3,4),typeof Function("")(),m(5));
      var o={f:Function("return this.v"),v:6};
      print(o.f(),f instanceof Function);`,
  },
];
