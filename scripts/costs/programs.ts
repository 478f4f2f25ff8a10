/** Small programs that between them do every operation, each in several amounts. */

export interface Small {
  /** Runs before the count begins. */
  before: string;
  /** What is counted. */
  run: string;
}

const TURNS = 20;

/** The program number `i` with names of its own. */
export function named({ before, run }: Small, i: number): Small {
  const own = (text: string): string => text.replace(/\b([a-zA-Z]{1,2})N\b/g, `$1${i}`);
  return { before: own(`var iN=0;var gN=1;${before}`), run: own(run) };
}

/** The body of a function that is called some times. */
function body(text: string, parameters = "", given = ""): Small {
  return { before: `function fN(${parameters}){${text}}`, run: `for(iN=0;iN<${TURNS};iN++)fN(${given});` };
}

/** A function of the interpreter's that takes next to nothing by itself. */
function native(name: string, call: string): Small {
  return { before: `var nN=${name};function fN(){${times(call, 6)}}`, run: `for(iN=0;iN<${TURNS};iN++)fN();` };
}

function times(text: string, count: number): string {
  return text.repeat(count);
}

const LOCALS = "a,b,c,d,e,f,g,h";
const GIVEN = "1,2,3,4,5,6,7,8";

export const programs: readonly Small[] = [
  body(""),
  body("", "a", "1"),
  body("", LOCALS, GIVEN),
  body("", "a,b,c", "1,2"),
  body("", "", "1,2,3,4"),
  ...[1, 5, 20].map((n) => body(times("1;", n))),
  ...[5, 15].map((n) => body(times("123456;", n))),
  body(times("-1;!1;", 6)),
  body(times("(1);", 10)),
  body(times("((((1))));", 5)),
  body(times("{}", 10)),
  body(times("{1;2}", 6)),
  body(times(";", 20)),
  ...[5, 15].map((n) => body(times("a;", n), "a", "1")),
  body(times("alongername;", 10), "alongername", "1"),
  body(times("a;h;", 6), LOCALS, GIVEN),
  body(times("h;", 12), LOCALS, GIVEN),
  body(times("gN;", 10)),
  body(times("gN;gN+1;", 5), LOCALS, GIVEN),
  body(times("a+1;", 10), "a", "1"),
  body(times("a+b*c-d;", 6), LOCALS, GIVEN),
  body(times("a<b;a==b;a===b;", 5), LOCALS, GIVEN),
  body(times("a>>8&255|b<<3;", 5), LOCALS, GIVEN),
  body(times("a/3;", 8), "a", "1"),
  body(times("a=1;", 10), "a", "1"),
  body(times("a=b;b=c;", 6), LOCALS, GIVEN),
  body(times("a+=1;", 10), "a", "1"),
  body(times("a|=b;", 10), LOCALS, GIVEN),
  body(times("a++;", 10), "a", "1"),
  body(times("--a;", 10), "a", "1"),
  body("var x;"),
  body("var x=1;var y=2;var z=3;"),
  body("var p,q,r,s,t,u,v,w;"),
  body("var p=1,q=2,r=3,s=4,t=5,u=6,v=7,w=8;w+p;"),
  body(times("a?1:2;", 8), "a", "1"),
  body(times("a?1:2;", 8), "a", "0"),
  body(times("a?b+c*d:e;", 5), LOCALS, "0,2,3,4,5"),
  body(times("a&&b;a||b;", 6), LOCALS, "1,1"),
  body(times("a&&b;a||b;", 6), LOCALS, "0,1"),
  body(times("a&&(b+c*d);", 6), LOCALS, "0,1,2,3"),
  body(times("if(a)1;", 8), "a", "1"),
  body(times("if(a)b+c*d;", 8), LOCALS, "0,1,2,3"),
  body(times("if(a){b+c*d;b=1}", 8), LOCALS, "0,1,2,3"),
  body(times("if(a)b;else c;", 8), LOCALS, "0,1,2,3"),
  body(times("if(a){b;c}else{d;e}", 6), LOCALS, "1,1,2,3,4"),
  body("return a", "a", "1"),
  body("if(a)return b;" + times("c+d;", 20), LOCALS, GIVEN),
  body("if(a){return}" + times("if(b){c+d*e}", 10), LOCALS, GIVEN),
  body("for(var i=0;i<10;i++);"),
  body("for(var i=0;i<10;i++){}"),
  body("for(var i=0;i<10;i++){1;2;3}"),
  body("for(var i=0;i<10;i++)a+=i;", "a", "0"),
  body("while(a){a--}", "a", "10"),
  body("while(a<10)a+=2;", "a", "0"),
  body("for(;;){if(a)break;" + times("b+c;", 10) + "}", LOCALS, GIVEN),
  body(times("switch(a){case 1:b;break;case 2:c;break;case 3:d}", 3), LOCALS, GIVEN),
  body(
    times("switch(a){case 1:b;break;case 2:c;break;case 3:d;break;case 4:e;break;case 5:f}", 3),
    LOCALS,
    "4,1,1,1,1,1",
  ),
  body(times('"";', 10)),
  body(times('"abcdefgh";', 10)),
  body(times('"abcdefghijklmnopqrstuvwxyz0123456789";', 8)),
  body("(function(){});"),
  body(times("(function(){});", 5)),
  body(times("(function(a,b,c){});", 5)),
  body(times("(function(a){return a+1+a*2});", 5)),
  body("var x=function(){a};x();x()", "a", "1"),
  body("var x=function(){return a+b+c+d};x();", LOCALS, GIVEN),
  body("var x=function(){var y=function(){return a+b};y()};x();", LOCALS, GIVEN),
  body(times("({});", 6)),
  body(times("({a:1});", 6)),
  body(times("({a:1,b:2,c:3});", 5)),
  body('({first:1,second:"x",third:a,fourth:b});', LOCALS, GIVEN),
  body(times("[];", 6)),
  body(times("[1,2,3,4];", 5)),
  ...["a", "b", "h"].map((name) => ({
    before: `var oN={a:1,b:2,c:3,d:4,e:5,f:6,g:7,h:8};function fN(o){${times(`o.${name};`, 10)}}`,
    run: `for(iN=0;iN<${TURNS};iN++)fN(oN);`,
  })),
  {
    before: `var oN={a:1,b:{c:1}};function fN(o){${times("o.b.c;o.a=1;o.a+=1;", 5)}}`,
    run: `for(iN=0;iN<${TURNS};iN++)fN(oN);`,
  },
  {
    before: `var oN=[1,2,3,4];function fN(o){${times("o[1];", 10)}}`,
    run: `for(iN=0;iN<${TURNS};iN++)fN(oN);`,
  },
  {
    before: `var oN=new Uint8Array(8);function fN(o){${times("o[1];o[2]=3;", 5)}}`,
    run: `for(iN=0;iN<${TURNS};iN++)fN(oN);`,
  },
  {
    before: `function gfN(){}function fN(){${times("gfN();", 6)}}`,
    run: `for(iN=0;iN<${TURNS};iN++)fN();`,
  },
  {
    before: `function gfN(x,y,z){return x}function fN(a,b){${times("gfN(a,b,1);", 6)}}`,
    run: `for(iN=0;iN<${TURNS};iN++)fN(1,2);`,
  },
  {
    before: `function TN(){this.p=1;this.q=2}TN.prototype.m=function(x){this.p=x};TN.prototype.n=function(){return this.q};var oN=new TN();function fN(o){${times("o.m(1);o.n();", 4)}}`,
    run: `for(iN=0;iN<${TURNS};iN++)fN(oN);`,
  },
  {
    before: `function TN(x){this.p=x;this.q=2}function fN(){${times("new TN(1);", 4)}}`,
    run: `for(iN=0;iN<${TURNS};iN++)fN();`,
  },
  native("Math.abs", "nN(1);"),
  native("Math.abs", "Math.abs(1);"),
  native("Math.min", "nN(1,2);"),
  native("E.hwRand", "E.hwRand();"),
  { before: `var oN="abcdefghijk";function fN(s){${times("s.length;", 6)}}`, run: `for(iN=0;iN<${TURNS};iN++)fN(oN);` },
  { before: `var oN=[1,2,3];function fN(s){${times("s.length;", 6)}}`, run: `for(iN=0;iN<${TURNS};iN++)fN(oN);` },
  body("try{a}catch(e){b}", LOCALS, GIVEN),
  body(times("this;", 10)),
  body("var l=0;for(var k in {a:1,b:2,c:3})l++;"),
];
