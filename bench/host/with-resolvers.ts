/** `Promise.withResolvers`, which libp2p calls and Node 20 does not have. */
interface Settled<T> {
  promise: Promise<T>;
  resolve: (value: T | PromiseLike<T>) => void;
  reject: (reason: unknown) => void;
}

function withResolvers<T>(): Settled<T> {
  const made: Partial<Settled<T>> = {};
  made.promise = new Promise<T>((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made as Settled<T>;
}

if (!("withResolvers" in Promise)) Object.assign(Promise, { withResolvers });
