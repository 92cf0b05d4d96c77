/// <reference lib="webworker" />

// A pattern may backtrack for ever; here it can be stopped from outside.
self.onmessage = ({ data }: MessageEvent<{ pattern: string; flags: string; texts: string[] }>) => {
  const expression = new RegExp(data.pattern, data.flags);
  self.postMessage(data.texts.map((text) => expression.test(text)));
};
self.postMessage('ready');
