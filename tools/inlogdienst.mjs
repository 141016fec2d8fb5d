// A login provider that is not ours, for one test: oidc-provider with a page of its own, since the package's sends no acr.
//
//     node inlogdienst.mjs <node_modules>
//
// Prints its issuer; reads from standard input where its client stands; prints "gereed" when it can be used. What it says
// of itself goes to standard error. It keeps everything in memory and ends with its input.

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const LEVEL = 'http://eidas.europa.eu/LoA/';
const modules = process.argv[2];
const { default: Provider } = await import(pathToFileURL(join(modules, 'oidc-provider/lib/index.js')));

const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;
console.log(issuer);

const input = createInterface({ input: process.stdin });
input.on('close', () => process.exit());
const [client] = await once(input, 'line');

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'postbus',
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks_uri: `${client}/.well-known/jwks.json`,
      redirect_uris: [`${client}/inloggen/terug`],
      post_logout_redirect_uris: [`${client}/uitgelogd`],
      backchannel_logout_uri: `${client}/uitloggen/door-provider`,
      backchannel_logout_session_required: true,
      id_token_signed_response_alg: 'PS256',
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig' }] },
  cookies: { keys: [randomUUID()] },
  acrValues: ['low', 'substantial', 'high'].map((level) => LEVEL + level),
  claims: { openid: ['sub', 'bsn', 'sub_id_type'] },
  // The profile has the number in the ID token itself.
  conformIdTokenClaims: false,
  ttl: { IdToken: 300, Session: 3600, Grant: 3600, Interaction: 600, AccessToken: 300 },
  // Its own way of asking refuses this machine's addresses; the client is at one.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, bsn: '999993653', sub_id_type: 'urn:nl-eid-gdi:1.0:id:BSN' }),
  }),
  interactions: { url: (_, interaction) => `/wie/${interaction.uid}` },
  // Whoever logs in has agreed: there is nothing to ask.
  loadExistingGrant: async (ctx) => {
    const { accountId } = ctx.oidc.session;
    const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId, accountId });
    grant.addOIDCScope('openid');
    await grant.save();
    return grant;
  },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      logoutSource: (ctx, form) => {
        const button = '<button type="submit" name="logout" value="yes">Uitloggen</button>';
        ctx.body = page('Uitloggen?', form.replace('</form>', `${button}</form>`));
      },
      postLogoutSuccessSource: (ctx) => {
        ctx.body = page('Uitgelogd', '');
      },
    },
  },
});
for (const name of ['server_error', 'authorization.error', 'grant.error', 'end_session.error', 'backchannel.error']) {
  provider.on(name, (_, fault) => console.error(name, fault));
}

function page(title, main) {
  return `<!doctype html><html lang="nl"><title>${title}</title><h1>${title}</h1>${main}</html>`;
}

// GET shows who one can be, POST is the choice.
async function who(request, response) {
  if (request.method === 'POST') {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const level = new URLSearchParams(Buffer.concat(chunks).toString()).get('niveau');
    const login = { accountId: 'anna', acr: LEVEL + level };
    return provider.interactionFinished(request, response, { login });
  }
  await provider.interactionDetails(request, response);
  const buttons = ['low', 'high'].map((level) => `<button name="niveau" value="${level}">Anna, ${level}</button>`);
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(page('Wie bent u?', `<form method="post" action="${request.url}">${buttons.join('')}</form>`));
}

const others = provider.callback();
server.on('request', (request, response) => {
  if (!request.url.startsWith('/wie/')) return others(request, response);
  return who(request, response).catch((fault) => {
    console.error(fault);
    response.statusCode = 500;
    response.end();
  });
});
console.log('gereed');
