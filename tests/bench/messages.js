'use strict';
// messages - what messages.c measures, with Node's child_process.
//
// usage: node messages.js in SIZE N | trip SIZE N | exec N

const { execFile, fork } = require('child_process');

const [mode, ...rest] = process.argv.slice(2);
const n = Number(rest.at(-1));
const text = 'x'.repeat(rest.length > 1 ? Number(rest[0]) : 0);
const isTrip = mode === 'trip';

function beChild() {
  process.on('message', m => {
    if (mode === 'echo') process.send(m);
    else for (let i = 0; i < n; i++) process.send(text);
  });
  process.send('here');
}

function exchange() {
  const child = fork(__filename, [isTrip ? 'echo' : 'say', ...rest]);
  let begin, done = 0;
  child.on('message', m => {
    if (begin === undefined) {
      begin = process.hrtime.bigint();
      child.send(text);
    } else if (++done === n) {
      const us = Number(process.hrtime.bigint() - begin) / 1e3;
      console.log((isTrip ? us / n : n * 1e6 / us).toFixed(3));
      child.disconnect();
    } else if (isTrip) {
      child.send(m);
    }
  });
}

function exec() {
  const begin = process.hrtime.bigint();
  let started = 0, done = 0;
  const next = () => started++ < n && execFile('/bin/true', error => {
    if (error) throw error;
    if (++done === n) {
      const us = Number(process.hrtime.bigint() - begin) / 1e3;
      console.log((n * 1e6 / us).toFixed(3));
    }
    next();
  });
  next();
  next();
}

if (mode === 'say' || mode === 'echo') beChild();
else if (mode === 'exec') exec();
else exchange();
