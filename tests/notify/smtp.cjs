// A mail server for tests: what it takes it prints, a JSON object a line. Arguments: the folder of npm's packages, and options.
const { readFileSync } = require('fs');
const { SMTPServer } = require(process.argv[2] + '/smtp-server');
const options = JSON.parse(process.argv[3]);
const say = (what) => console.log(JSON.stringify(what));
const tls = options.cert ? { key: readFileSync(options.key), cert: readFileSync(options.cert) } : {};
const server = new SMTPServer({
  ...tls,
  secure: options.secure === true,
  hideSTARTTLS: options.plain === true,
  authOptional: !options.password,
  disabledCommands: options.password ? [] : ['AUTH'],
  onAuth(auth, session, done) {
    const right = auth.username === 'plimsoll' && auth.password === options.password;
    done(right ? null : new Error('no'), right ? { user: auth.username } : undefined);
  },
  onRcptTo(address, session, done) {
    if (!options.refuse) return done();
    const error = new Error('hunter3');
    error.responseCode = options.refuse;
    done(error);
  },
  onData(stream, session, done) {
    const parts = [];
    stream.on('data', (part) => parts.push(part));
    stream.on('end', () => {
      const to = session.envelope.rcptTo.map((one) => one.address);
      say({ secure: session.secure, user: session.user, to, mail: Buffer.concat(parts).toString() });
      done();
    });
  },
});
server.on('error', () => {});
server.listen(0, '127.0.0.1', () => say({ port: server.server.address().port }));
