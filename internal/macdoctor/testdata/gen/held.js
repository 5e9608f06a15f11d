// Twenty more broken requests, written when the doctor was done.
'use strict';
const crypto = require('crypto');
const key1 = 'sdngKKJmqEMzvh5QQcdD2A9XBSKUNaYn';
const key2 = 'trMrHtvjo6myautxDUiAcYsVtaeQ8nhf';
const mac = (text, key = key1) => crypto.createHmac('sha256', key).update(text).digest('hex');
const now = 1795351111999;
function emit(operation, fields, cause, how = 'json') {
  const r = { language: 'held-node', operation, app_id: 2554, cause };
  r.content_type = how === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
  r.body = how === 'json' ? JSON.stringify(fields) : new URLSearchParams(fields).toString();
  console.log(JSON.stringify(r));
}
const o = {
  app_id: 2554, app_trans_id: '261122-0099', app_user: 'user_01', app_time: now, amount: 99000, description: 'Gói tháng',
  item: '[{"name":"Gói 1 tháng","unit":"tháng"}]', embed_data: '{"zlppaymentid":"P271021","columninfo":"{\\"a\\":1}"}', callback_url: 'https://api.example/cb?x=1',
};
const join = (c = {}, sep = '|') => { const v = { ...o, ...c }; return [v.app_id, v.app_trans_id, v.app_user, v.amount, v.app_time, v.embed_data, v.item].join(sep); };
const create = (cause, m, how) => emit('create_order', { ...o, mac: m }, cause, how);

create('key2', mac(join(), key2), 'form');
create('key_padded', mac(join(), `${key1}\r\n`));
create('key_placeholder', mac(join(), 'undefined'), 'form');
create('null_in_text', mac(join({ item: String(undefined) })));
create('null_in_text', mac(join({ amount: NaN })));
create('time_taken_twice', mac(join({ app_time: now + 88 })));
create('time_unit', mac(join({ app_time: now / 1000 })));
create('json_double_encoded', mac(join({ item: JSON.stringify(o.item) })));
create('json_reserialised', mac(join({ embed_data: JSON.stringify({ columninfo: '{"a":1}', zlppaymentid: 'P271021' }, null, 2) })));
create('json_key_order', mac(join({ item: '[{"unit":"tháng","name":"Gói 1 tháng"}]' })), 'form');
create('url_encoded', mac(encodeURI(join())), 'form');
create('separator', mac(join({}, ' ')));
create('member_extra', mac(join() + '|' + o.description + '|' + o.callback_url));
create('mac_padded', `"${mac(join())}"`);
create('mac_base64', crypto.createHmac('sha256', key1).update(join()).digest('base64'), 'form');
create('number_format+order_of_members', mac([2554, '261122-0099', 'user_01', (99000).toFixed(1), now, o.item, o.embed_data].join('|')));
emit('query_user_info', { app_id: 2554, access_token: 'tok', req_date: now, mac: mac(`2554|tok|${now}|${key1}`) }, 'key1_added');
emit('pay_by_token_wallet', { app_id: 2554, identifier: 'u', zp_trans_token: 'AC1', pay_token: 'p1', req_date: now, mac: mac(`2554|u|p1|${now}`) }, 'member_missing', 'form');
emit('query_balance_wallet', { app_id: 2554, identifier: 'u', pay_token: 'p1', amount: 5000, req_date: now, mac: mac(`2554|u|p1|5000|${now}`) }, 'order_of_members', 'form');
create('unknown', crypto.createHash('sha256').update('held 2').digest('hex'));
