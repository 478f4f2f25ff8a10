/** What takes memory: kept little by little, in one go, and what goes again when the interpreter gives up. */
export const HOGS: Readonly<Record<string, string>> = {
  "that keeps a little more in each turn": "hog=[];setInterval(function(){for(var i=0;i<20;i++)hog.push({n:i})},1)",
  "that keeps all it can get in one turn": "hog=[];setTimeout(function(){for(;;)hog.push({n:hog.length})},1)",
  "that wants more at once than there is": "setTimeout(function(){for(var t='abcdefgh';;)t+=t},1)",
};
