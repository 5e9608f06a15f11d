// Broken requests in the ways of Node clients. Prints one JSON record a line.
'use strict';
const crypto = require('crypto');
const querystring = require('querystring');

const apps = {
  2553: { key1: 'PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL', key2: 'kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz' },
  2554: { key1: 'sdngKKJmqEMzvh5QQcdD2A9XBSKUNaYn', key2: 'trMrHtvjo6myautxDUiAcYsVtaeQ8nhf' },
  553: { key1: '9phuAOYhan4urywHTh0ndEXiV3pKHr5Q', key2: 'Iyz2habzyr7AG8SgvoBCbKwKi3UzlLi3' },
  7001: { key1: '3f8a1c0d9be24756a1f0c3d2e4b59687', key2: 'c0ffee00d15ea5e5b16b00b5deadbeef' },
};
const { key1, key2 } = apps[2553];
const hmac = (key, text, hash = 'sha256', enc = 'hex') => crypto.createHmac(hash, key).update(text).digest(enc);

function emit(operation, fields, cause, how = 'json', app = 2553) {
  const r = { language: 'node', operation, app_id: app, cause };
  if (how === 'json') {
    r.content_type = 'application/json';
    r.body = JSON.stringify(fields);
  } else if (how === 'form') {
    r.content_type = 'application/x-www-form-urlencoded';
    r.body = new URLSearchParams(fields).toString();
  } else if (how === 'qs') {
    r.content_type = 'application/x-www-form-urlencoded';
    r.body = querystring.stringify(fields);
  } else if (how === 'query') {
    r.content_type = 'application/x-www-form-urlencoded';
    r.query = querystring.stringify(fields);
    r.body = '';
  } else {
    r.content_type = 'application/x-www-form-urlencoded';
    r.body = how;
  }
  console.log(JSON.stringify(r));
}

const now = 1795345088221;
const item = [{ itemid: 'knb', itemname: 'Cà phê sữa đá', itemprice: 29000, itemquantity: 2 }];
const embed = { redirecturl: 'https://shop.example/return?a=1&b=2', note: "<b>it's</b>" };
const order = (over = {}) => ({
  app_id: 2553, app_user: 'Nguyễn Văn An', app_trans_id: '261122_1795345088221', app_time: now, amount: 58000,
  item: JSON.stringify(item), embed_data: JSON.stringify(embed), description: 'Thanh toán #1', bank_code: '', callback_url: 'https://shop.example/cb', ...over,
});
const o7 = ['app_id', 'app_trans_id', 'app_user', 'amount', 'app_time', 'embed_data', 'item'];
const pick = (o, names) => names.map((n) => o[n]);
const orderText = (o) => pick(o, o7).join('|');
const withMac = (o, mac) => ({ ...o, mac });
const create = (cause, f, how = 'json', over = {}) => { const o = order(over); emit('create_order', withMac(o, f(o)), cause, how); };

// Keys.
create('key2', (o) => hmac(key2, orderText(o)));
create('other_app_key', (o) => hmac(apps[2554].key1, orderText(o)));
create('other_app_key', (o) => hmac(apps[553].key2, orderText(o)), 'form');
create('key_padded', (o) => hmac(key1 + '\n', orderText(o)));
create('key_padded', (o) => hmac(`"${key1}"`, orderText(o)), 'query');
create('key_padded', (o) => hmac(' ' + key1, orderText(o)));
create('key_truncated', (o) => hmac(key1.slice(0, -1), orderText(o)));
create('key_truncated', (o) => hmac(key1.slice(0, 16), orderText(o)));
create('key_decoded_base64', (o) => hmac(Buffer.from(key1, 'base64'), orderText(o)));
create('key_case', (o) => hmac(key1.toLowerCase(), orderText(o)));
create('key_case', (o) => hmac(key1.toUpperCase(), orderText(o)), 'form');
create('key_empty', (o) => hmac('', orderText(o)));
create('key_empty', (o) => hmac(Buffer.from(key1, 'hex').subarray(0, 0), orderText(o)));
create('key_placeholder', (o) => hmac(String(undefined), orderText(o)));
create('key_placeholder', (o) => hmac('YOUR_KEY1', orderText(o)));
{
  const o = order({ app_id: 7001 });
  emit('create_order', withMac(o, hmac(Buffer.from(apps[7001].key1, 'hex'), orderText(o))), 'key_decoded_hex', 'json', 7001);
}

// Form of the mac, and hashes.
create('mac_base64', (o) => hmac(key1, orderText(o), 'sha256', 'base64'));
create('mac_base64', (o) => hmac(key1, orderText(o), 'sha256', 'base64url'));
create('mac_base64+key2', (o) => hmac(key2, orderText(o), 'sha256', 'base64'));
create('mac_padded', (o) => hmac(key1, orderText(o)) + '\n');
create('mac_padded', (o) => 'sha256=' + hmac(key1, orderText(o)));
create('mac_hex_twice', (o) => Buffer.from(hmac(key1, orderText(o))).toString('hex'));
create('mac_truncated', (o) => hmac(key1, orderText(o)).slice(0, 40));
create('other_hash', (o) => hmac(key1, orderText(o), 'sha1'));
create('other_hash', (o) => hmac(key1, orderText(o), 'md5'), 'form');
create('other_hash', (o) => hmac(key1, orderText(o), 'sha512'));
create('plain_hash', (o) => crypto.createHash('sha256').update(orderText(o) + key1).digest('hex'));
create('plain_hash', (o) => crypto.createHash('sha256').update(orderText(o)).digest('hex'));
create('plain_hash', (o) => crypto.createHash('md5').update(orderText(o) + '|' + key1).digest('hex'));
create('arguments_swapped', (o) => hmac(orderText(o), key1));

// Order and members.
create('order_of_members', (o) => hmac(key1, pick(o, ['app_id', 'app_trans_id', 'app_user', 'amount', 'app_time', 'item', 'embed_data']).join('|')));
create('order_of_members', (o) => hmac(key1, pick(o, ['app_id', 'app_user', 'app_trans_id', 'amount', 'app_time', 'embed_data', 'item']).join('|')));
create('order_of_members', (o) => hmac(key1, pick(o, [...o7].sort()).join('|')), 'form');
create('key2+order_of_members', (o) => hmac(key2, pick(o, ['app_id', 'app_trans_id', 'app_user', 'amount', 'app_time', 'item', 'embed_data']).join('|')));
create('member_missing', (o) => hmac(key1, pick(o, o7.filter((n) => n !== 'app_user')).join('|')));
create('member_missing', (o) => hmac(key1, pick(o, o7.slice(0, 5)).join('|')));
create('member_extra', (o) => hmac(key1, pick(o, [...o7, 'description']).join('|')));
create('separator', (o) => hmac(key1, pick(o, o7).join('')));
create('separator', (o) => hmac(key1, pick(o, o7).join()));
create('separator', (o) => hmac(key1, pick(o, o7).join('&')));
create('separator', (o) => hmac(key1, pick(o, o7).map((v) => v + '|').join('')));
create('names_in_text', (o) => hmac(key1, o7.map((n) => `${n}=${o[n]}`).join('&')));
create('body_signed', (o) => hmac(key1, JSON.stringify(o)));
create('key1_added', (o) => hmac(key1, orderText(o) + '|' + key1));

// Values.
create('json_spacing', (o) => hmac(key1, orderText({ ...o, item: JSON.stringify(item, null, 2), embed_data: JSON.stringify(embed, null, 2) })));
create('json_spacing', (o) => hmac(key1, orderText({ ...o, embed_data: JSON.stringify(embed, null, 4) })));
create('json_double_encoded', (o) => hmac(key1, orderText({ ...o, embed_data: JSON.stringify(o.embed_data), item: JSON.stringify(o.item) })));
create('object_text', (o) => hmac(key1, pick({ ...o, embed_data: embed, item }, o7).join('|')));
create('object_text', (o) => hmac(key1, pick({ ...o, embed_data: embed }, o7).join('|')), 'form');
create('null_in_text', (o) => hmac(key1, `${o.app_id}|${o.app_trans_id}|${o.appuser}|${o.amount}|${o.app_time}|${o.embed_data}|${o.item}`));
create('member_empty', (o) => hmac(key1, orderText({ ...o, app_user: undefined })));
create('time_taken_twice', (o) => hmac(key1, orderText({ ...o, app_time: now + 3 })));
create('time_unit', (o) => hmac(key1, orderText({ ...o, app_time: Math.floor(now / 1000) })));
create('time_format', (o) => hmac(key1, orderText({ ...o, app_time: new Date(now).toISOString() })));
create('number_format', (o) => hmac(key1, orderText({ ...o, amount: (58000).toLocaleString('en-US') })));
create('number_format', (o) => hmac(key1, orderText({ ...o, amount: (58000).toFixed(2) })));
create('number_format', (o) => hmac(key1, orderText({ ...o, amount: (58000).toLocaleString('de-DE') })));
create('url_encoded', (o) => hmac(key1, pick(o, o7).map(encodeURIComponent).join('|')), 'form');
create('url_encoded', (o) => hmac(key1, encodeURIComponent(orderText(o))), 'query');
create('url_encoded', (o) => hmac(key1, orderText({ ...o, embed_data: encodeURIComponent(o.embed_data) })), 'qs');
create('unicode_form', (o) => hmac(key1, orderText({ ...o, app_user: o.app_user.normalize('NFD') })));
create('unicode_form', (o) => hmac(key1, orderText(o).normalize('NFC')), 'json', { app_user: 'Nguyễn Văn An'.normalize('NFD') });
create('mojibake', (o) => hmac(key1, orderText({ ...o, app_user: Buffer.from(o.app_user).toString('latin1') })));
create('charset', (o) => hmac(key1, Buffer.from(orderText(o), 'latin1')));
create('charset', (o) => hmac(key1, Buffer.from(orderText(o), 'utf16le')));
create('newline', (o) => hmac(key1, orderText(o) + '\n'));
create('empty_or_default', (o) => hmac(key1, orderText({ ...o, embed_data: '', item: '' })), 'json', { embed_data: '{}', item: '[]' });
create('empty_or_default', (o) => hmac(key1, orderText({ ...o, item: '[{}]' })), 'json', { embed_data: '{}', item: '[]' });
create('other_member', (o) => hmac(key1, orderText({ ...o, app_user: o.description })));
create('key2+json_spacing', (o) => hmac(key2, orderText({ ...o, embed_data: JSON.stringify(embed, null, 2) })));
{ // The form is written by hand, and its plus and spaces are not encoded.
  const o = order({ app_user: 'an+test@shop.example', item: '[]', embed_data: '{}' });
  const mac = hmac(key1, orderText(o));
  emit('create_order', null, 'plus_as_space', Object.entries(withMac(o, mac)).map(([k, v]) => k + '=' + encodeURIComponent(v).replace(/%2B/g, '+')).join('&'));
}
{ // Encoded by hand, then by the library.
  const o = order({ app_user: 'an test@shop.example', item: '[]', embed_data: '{}' });
  const mac = hmac(key1, orderText(o));
  emit('create_order', withMac({ ...o, app_user: encodeURIComponent(o.app_user) }, mac), 'url_decoded', 'form');
}

// Other operations.
const query = { app_id: 2553, app_trans_id: '261122_1795345088221' };
emit('query_order', withMac(query, hmac(key1, `${query.app_id}|${query.app_trans_id}`)), 'key1_missing');
emit('query_order', withMac(query, hmac(key1, `${query.app_id}|${query.app_trans_id}|`)), 'key1_missing', 'form');
emit('query_order', withMac(query, hmac(key2, `${query.app_id}|${query.app_trans_id}|${key2}`)), 'key2', 'form');
emit('query_order', withMac(query, hmac(key2, `${query.app_id}|${query.app_trans_id}|${key1}`)), 'key2');
emit('query_order', withMac(query, hmac(key1, `${query.app_trans_id}|${query.app_id}|${key1}`)), 'order_of_members');
emit('cancel_order', withMac(query, hmac(key1, `${query.app_id}|${query.app_trans_id}`)), 'key1_missing');
const refund = { app_id: 2553, m_refund_id: '261122_2553_99', zp_trans_id: '261122000000389', amount: 10000, timestamp: now, description: 'Hoàn tiền' };
const refundText = (r) => [r.app_id, r.zp_trans_id, r.amount, r.description, r.timestamp].join('|');
emit('refund_order', withMac(refund, hmac(key1, [refund.app_id, refund.m_refund_id, refund.timestamp].join('|'))), 'other_formula');
emit('refund_order', withMac(refund, hmac(key1, [refund.app_id, refund.zp_trans_id, refund.amount, refund.timestamp, refund.description].join('|'))), 'order_of_members');
emit('refund_order', withMac(refund, hmac(key1, [refund.app_id, refund.zp_trans_id, refund.amount, refund.refund_fee_amount, refund.description, refund.timestamp].join('|'))), 'refund_fee');
emit('refund_order', withMac({ ...refund, refund_fee_amount: 500 }, hmac(key1, refundText(refund))), 'refund_fee', 'form');
emit('refund_order', withMac(refund, hmac(key1, refundText({ ...refund, zp_trans_id: refund.m_refund_id }))), 'other_member');
emit('query_refund', withMac({ app_id: 2553, m_refund_id: '261122_2553_99', timestamp: now }, hmac(key1, `2553|261122_2553_99|${now + 1}`)), 'time_taken_twice');
emit('query_refund', withMac({ app_id: 2553, m_refund_id: '261122_2553_99', timestamp: now }, hmac(key1, `2553|261122_2553_99|${key1}`)), 'other_formula');
const bind = { app_id: 2554, app_trans_id: '261122_777', req_date: now, identifier: 'ZLP User', max_amount: 0, binding_type: 'WALLET', binding_data: '{}', callback_url: 'https://shop.example/cb' };
const b7 = ['app_id', 'app_trans_id', 'binding_data', 'binding_type', 'identifier', 'max_amount', 'req_date'];
const k2554 = apps[2554].key1;
emit('create_binding_wallet', withMac(bind, hmac(k2554, pick(bind, ['app_id', 'app_trans_id', 'identifier', 'binding_type', 'binding_data', 'max_amount', 'req_date']).join('|'))), 'order_of_members', 'json', 2554);
emit('create_binding_wallet', withMac(bind, hmac(apps[2553].key1, pick(bind, b7).join('|'))), 'other_app_key', 'query', 2554);
emit('create_binding_wallet', withMac(bind, hmac(k2554, pick({ ...bind, binding_data: {} }, b7).join('|'))), 'object_text', 'json', 2554);
const pay = { app_id: 2554, identifier: 'ZLP User', zp_trans_token: 'ACQdU8YkpIJvFx6Yy3', pay_token: 'MTIzNDU2Nzg5', req_date: now };
emit('pay_by_token_wallet', withMac(pay, hmac(k2554, pick(pay, ['app_id', 'identifier', 'pay_token', 'zp_trans_token', 'req_date']).join('|'))), 'order_of_members', 'json', 2554);
emit('pay_by_token_wallet', withMac(pay, hmac(k2554, pick(pay, ['app_id', 'zp_trans_token', 'pay_token', 'req_date']).join('|'))), 'member_missing', 'query', 2554);
emit('query_balance_wallet', withMac({ app_id: 2554, identifier: 'ZLP User', pay_token: 'MTIz', amount: 10000, req_date: now }, hmac(k2554, `2554|MTIz|ZLP+User|10000|${now}`)), 'plus_as_space', 'form', 2554);
emit('list_banks', withMac({ appid: 2553, reqtime: now }, hmac(key1, `2553|${Math.floor(now / 1000)}`)), 'time_unit', 'form');
emit('list_banks', withMac({ appid: 2553, reqtime: now }, hmac(key2, `2553|${now}`)), 'key2', 'form');
for (let i = 0; i < 8; i++) {
  const mac = crypto.createHash('sha256').update('nobody knows ' + i).digest('hex');
  if (i % 3 === 0) create('unknown', () => mac, i % 2 ? 'form' : 'json');
  else if (i % 3 === 1) emit('query_order', withMac(query, mac), 'unknown', 'form');
  else emit('refund_order', withMac(refund, mac), 'unknown');
}
