// An identity provider made of samlp, run by Node.js: DIRECTORY PORT URL.
// It takes key.pem, certificate.pem, person.json and options.json from the directory, and
// signs in whoever person.json describes, without asking.
const fs = require('fs');
const http = require('http');
const path = require('path');
const zlib = require('zlib');
const { createRequire } = require('module');

const [directory, port, url] = process.argv.slice(2);
const samlp = createRequire(path.resolve(process.env.SAMLP_DIRECTORY, 'index.js'))('samlp');
const read = (name) => fs.readFileSync(path.join(directory, name), 'utf8');
const certificate = read('certificate.pem');
const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata';
const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';

const metadata = () =>
  `<EntityDescriptor xmlns="${METADATA}" entityID="${url}/metadata">` +
  `<IDPSSODescriptor protocolSupportEnumeration="${PROTOCOL}"><KeyDescriptor use="signing">` +
  '<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>' +
  certificate.split('-----')[2].replace(/\s/g, '') +
  '</X509Certificate></X509Data></KeyInfo></KeyDescriptor>' +
  `<SingleSignOnService Binding="${REDIRECT}" Location="${url}/sso"/>` +
  '</IDPSSODescriptor></EntityDescriptor>';

class Claims {
  constructor(person) {
    this.person = person;
  }
  getClaims() {
    return this.person;
  }
  getNameIdentifier() {
    return { nameIdentifier: this.person.mail[0] };
  }
}

const attribute = (xml, name) => new RegExp(` ${name}="([^"]+)"`).exec(xml)[1];

function signIn(query, done) {
  const asked = zlib.inflateRawSync(Buffer.from(query.get('SAMLRequest'), 'base64')).toString();
  const destination = attribute(asked, 'AssertionConsumerServiceURL');
  const options = {
    issuer: `${url}/metadata`,
    audience: /Issuer[^>]*>([^<]+)</.exec(asked)[1],
    recipient: destination,
    destination,
    inResponseTo: attribute(asked, 'ID'),
    cert: certificate,
    key: read('key.pem'),
    signatureAlgorithm: 'rsa-sha256',
    digestAlgorithm: 'sha256',
    nameIdentifierFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
    profileMapper: (person) => new Claims(person),
    ...JSON.parse(read('options.json')),
  };
  samlp.getSamlResponse(options, JSON.parse(read('person.json')), (error, response) => {
    if (error) throw error;
    done(
      `<form method="post" action="${destination}">` +
        `<input name="SAMLResponse" value="${Buffer.from(response).toString('base64')}">` +
        `<input name="RelayState" value="${query.get('RelayState')}"></form>`,
    );
  });
}

http
  .createServer((request, response) => {
    const asked = new URL(request.url, url);
    const done = (text) => {
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end(text);
    };
    if (asked.pathname === '/metadata') done(metadata());
    else signIn(asked.searchParams, done);
  })
  .listen(Number(port), '127.0.0.1');
