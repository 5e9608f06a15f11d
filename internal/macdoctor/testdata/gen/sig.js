// Payouts whose sig is wrong, as Node.js makes them: node sig.js > ../sig-node.jsonl
'use strict';
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const key1 = 'PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL';
const key2 = 'kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz';
const der = Buffer.from(fs.readFileSync(path.join(__dirname, '../../../sandbox/disbursement_key.txt'), 'ascii'), 'base64');
const key = crypto.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
const stranger = (bits) => crypto.generateKeyPairSync('rsa', { modulusLength: bits }).privateKey;

const names = ['app_id', 'payment_id', 'partner_order_id', 'm_u_id', 'amount', 'description', 'partner_embed_data', 'extra_info', 'time'];
const order = {
  app_id: '2553', payment_id: 'pay-1', partner_order_id: 'luong-11-2026', m_u_id: 'abcdef0123456789', amount: '1500000',
  description: 'Lương tháng 11', partner_embed_data: '{"store":"Cầu Giấy","shift":1}', reference_id: 'r1', extra_info: '{}', time: '1795345088221',
};
const text = (of = names, m = order, sep = '|') => of.map((n) => m[n]).join(sep);
const hmac = (t, k = key1) => crypto.createHmac('sha256', k).update(t).digest('hex');
const mac = hmac(text());
const sign = (t, hash = 'RSA-SHA256', k = key) => crypto.sign(hash, Buffer.from(t), k);
const b64 = (b) => b.toString('base64');
const swapped = names.slice(); [swapped[4], swapped[5]] = [swapped[5], swapped[4]];
const padded = Buffer.concat([Buffer.alloc(256 - 64), Buffer.from(mac)]);
const reversed = Buffer.from(sign(mac)).reverse();

const cases = [
  ['good', b64(sign(mac))],
  ['sig_mac', mac],
  ['sig_form', 'not/a+signature!'],
  ['sig_hex', sign(mac).toString('hex')],
  ['sig_url_safe+sig_unpadded', sign(mac).toString('base64url')],
  ['sig_unpadded', b64(sign(mac)).replace(/=+$/, '')],
  ['sig_url_encoded', encodeURIComponent(b64(sign(mac)))],
  ['sig_padded', `"${b64(sign(mac))}"`],
  ['sig_encoded_twice', b64(Buffer.from(b64(sign(mac))))],
  ['sig_encoded_twice', b64(Buffer.from(sign(mac).toString('hex')))],
  ['sig_line_breaks+key2', b64(sign(hmac(text(), key2))).replace(/(.{64})/g, '$1\n')],
  ['sig_key_size', b64(sign(mac, 'RSA-SHA256', stranger(1024)))],
  ['sig_other_key', b64(sign(mac, 'RSA-SHA256', stranger(2048)))],
  ['sig_pss', b64(crypto.sign('sha256', Buffer.from(mac), { key, padding: crypto.constants.RSA_PKCS1_PSS_PADDING }))],
  ['sig_pss+sig_plain_text', b64(crypto.sign('sha256', Buffer.from(text()), { key, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }))],
  ['sig_other_hash', b64(sign(mac, 'RSA-SHA1'))],
  ['sig_other_hash', b64(sign(mac, 'RSA-SHA512'))],
  ['sig_other_hash+sig_plain_text', b64(sign(text(), 'RSA-SHA1'))],
  ['sig_no_digest', b64(crypto.privateEncrypt(key, Buffer.from(mac)))],
  ['sig_no_digest+sig_mac_bytes', b64(crypto.privateEncrypt(key, Buffer.from(mac, 'hex')))],
  ['sig_no_padding', b64(crypto.privateEncrypt({ key, padding: crypto.constants.RSA_NO_PADDING }, padded))],
  ['sig_byte_order', b64(reversed)],
  ['sig_plain_text', b64(sign(text()))],
  ['sig_plain_text+order_of_members', b64(sign(text(swapped)))],
  ['sig_mac_bytes', b64(sign(Buffer.from(mac, 'hex')))],
  ['sig_mac_case', b64(sign(mac.toUpperCase()))],
  ['sig_mac_base64', b64(sign(Buffer.from(mac, 'hex').toString('base64')))],
  ['sig_mac_padded', b64(sign(mac + '\n'))],
  ['sig_mac_padded', b64(sign(JSON.stringify(mac)))],
  ['sig_hashed_twice', b64(sign(crypto.createHash('sha256').update(mac).digest()))],
  ['sig_hashed_twice', b64(sign(crypto.createHash('sha256').update(mac).digest('hex')))],
  ['key2', b64(sign(hmac(text(), key2)))],
  ['order_of_members', b64(sign(hmac(text(swapped))))],
  ['member_missing', b64(sign(hmac(text(names.filter((n) => n !== 'extra_info')))))],
  ['member_extra', b64(sign(hmac(text([...names.slice(0, 7), 'reference_id', ...names.slice(7)]))))],
  ['separator', b64(sign(hmac(text(names, order, '&'))))],
  ['json_spacing', b64(sign(hmac(text(names, { ...order, partner_embed_data: '{"store": "Cầu Giấy", "shift": 1}' }))))],
  ['time_unit', b64(sign(hmac(text(names, { ...order, time: '1795345088' }))))],
  ['sig_mac_case+key2', b64(sign(hmac(text(), key2).toUpperCase()))],
  ['other_hash', b64(sign(crypto.createHmac('sha512', key1).update(text()).digest('hex')))],
  ['plain_hash', b64(sign(crypto.createHash('sha256').update(text()).digest('hex')))],
  ['sig_other_text', b64(sign(hmac('something else')))],
];

const out = (cause, type, body) => console.log(JSON.stringify({ language: 'node', operation: 'disbursement_topup', app_id: 2553, cause, content_type: type, body }));
for (const [cause, sig] of cases) {
  out(cause, 'application/json', JSON.stringify({ ...order, sig }));
  out(cause, 'application/x-www-form-urlencoded', new URLSearchParams({ ...order, sig }).toString());
}
// A form that was put together by hand: + is a space there.
const bare = new URLSearchParams(order).toString();
let plus = b64(sign(hmac(text(), key2)));
if (!plus.includes('+')) throw new Error('no + in the signature');
out('sig_plus_as_space+key2', 'application/x-www-form-urlencoded', `${bare}&sig=${plus.replaceAll('/', '%2F').replaceAll('=', '%3D')}`);
