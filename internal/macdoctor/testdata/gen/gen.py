"""Broken requests in the ways of Python clients. Prints one JSON record a line."""
import base64
import datetime
import hashlib
import hmac as hm
import html
import json
import sys
import unicodedata
import urllib.parse

KEY1, KEY2 = 'PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL', 'kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz'
K2554 = ('sdngKKJmqEMzvh5QQcdD2A9XBSKUNaYn', 'trMrHtvjo6myautxDUiAcYsVtaeQ8nhf')
K7001 = ('3f8a1c0d9be24756a1f0c3d2e4b59687', 'c0ffee00d15ea5e5b16b00b5deadbeef')
NOW = 1795345968657
FORM = 'application/x-www-form-urlencoded'


def mac(key, text, algo=hashlib.sha256):
    key = key.encode() if isinstance(key, str) else key
    text = text.encode() if isinstance(text, str) else text
    return hm.new(key, text, algo).hexdigest()


def emit(op, fields, cause, how='form', app=2553):
    r = {'language': 'python', 'operation': op, 'app_id': app, 'cause': cause}
    if how == 'json':  # requests' json=
        r['content_type'], r['body'] = 'application/json', json.dumps(fields)
    elif how == 'utf8':
        r['content_type'], r['body'] = 'application/json; charset=utf-8', json.dumps(fields, ensure_ascii=False, separators=(',', ':'))
    elif how == 'query':
        r['content_type'], r['query'], r['body'] = FORM, urllib.parse.urlencode(fields, quote_via=urllib.parse.quote), ''
    elif how == 'form':
        r['content_type'], r['body'] = FORM, urllib.parse.urlencode(fields)
    elif how == 'multipart':
        parts = ''.join(f'--x7\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items())
        r['content_type'], r['body'] = 'multipart/form-data; boundary=x7', parts + '--x7--\r\n'
    else:
        r['content_type'], r['body'] = FORM, how
    sys.stdout.write(json.dumps(r, ensure_ascii=False) + '\n')


ITEM = [{'id': 1, 'tên': 'Cà phê', 'giá': 1200, 'url': 'http://a/b'}]
EMBED = {'redirecturl': 'https://shop.example/kq', 'promotioninfo': '', 'note': 'a & b'}
NAMES = ['app_id', 'app_trans_id', 'app_user', 'amount', 'app_time', 'embed_data', 'item']


def order(**over):
    o = {'app_id': 2553, 'app_user': 'Trần Thị Bình', 'app_trans_id': '261122_392233', 'app_time': NOW,
         'embed_data': json.dumps(EMBED), 'item': json.dumps(ITEM), 'amount': 50000, 'description': 'Đơn hàng #392233', 'bank_code': ''}
    o.update(over)
    return o


def text(o, names=NAMES, sep='|'):
    return sep.join(str(o[n]) for n in names)


def create(cause, f, how='form', **over):
    o = order(**over)
    emit('create_order', {**o, 'mac': f(o)}, cause, how)


create('json_spacing', lambda o: mac(KEY1, text({**o, 'embed_data': json.dumps(EMBED, separators=(',', ':')), 'item': json.dumps(ITEM, separators=(',', ':'))})))
create('json_spacing', lambda o: mac(KEY1, text({**o, 'embed_data': json.dumps(EMBED, separators=(',', ':'))})), 'json')
create('json_spacing', lambda o: mac(KEY1, text({**o, 'item': json.dumps(ITEM, indent=4)})), 'json')
create('json_escapes', lambda o: mac(KEY1, text({**o, 'item': json.dumps(ITEM, ensure_ascii=False)})), 'json')
create('json_escapes', lambda o: mac(KEY1, text({**o, 'item': json.dumps(ITEM)})), 'utf8', item=json.dumps(ITEM, ensure_ascii=False))
create('json_key_order', lambda o: mac(KEY1, text({**o, 'embed_data': json.dumps(EMBED, sort_keys=True)})))
create('json_key_order', lambda o: mac(KEY1, text({**o, 'item': json.dumps(ITEM, sort_keys=True), 'embed_data': json.dumps(EMBED, sort_keys=True)})), 'query')
create('json_reserialised', lambda o: mac(KEY1, text({**o, 'item': json.dumps(ITEM, ensure_ascii=False, separators=(',', ':'))})), 'json')
create('json_reserialised', lambda o: mac(KEY1, text({**o, 'embed_data': json.dumps(EMBED, sort_keys=True, separators=(',', ':'))})), 'form')
create('json_double_encoded', lambda o: mac(KEY1, text({**o, 'embed_data': json.dumps(o['embed_data'])})), 'json')
create('object_text', lambda o: mac(KEY1, text({**o, 'embed_data': EMBED, 'item': ITEM})), 'form')
create('object_text', lambda o: mac(KEY1, text({**o, 'embed_data': EMBED})), 'json')
create('object_text', lambda o: mac(KEY1, text({**o, 'item': ITEM})), 'multipart')
create('number_format', lambda o: mac(KEY1, text({**o, 'amount': float(o['amount'])})))
create('number_format', lambda o: mac(KEY1, text({**o, 'amount': f"{o['amount']:,}"})))
create('number_format', lambda o: mac(KEY1, text({**o, 'amount': f"{o['amount']:.2f}"})), 'json')
create('number_format', lambda o: mac(KEY1, text({**o, 'amount': f"{o['amount']:e}"})))
create('number_format', lambda o: mac(KEY1, text({**o, 'amount': f"{o['amount']:010d}"})))
create('number_format', lambda o: mac(KEY1, text({**o, 'app_time': float(o['app_time'])})))
create('amount_unit', lambda o: mac(KEY1, text({**o, 'amount': o['amount'] * 100})))
create('time_unit', lambda o: mac(KEY1, text({**o, 'app_time': NOW // 1000})))
create('time_unit', lambda o: mac(KEY1, text({**o, 'app_time': NOW / 1000})), 'json')
create('time_unit', lambda o: mac(KEY1, text({**o, 'app_time': NOW // 1000 * 1000})), 'json')
create('time_taken_twice', lambda o: mac(KEY1, text({**o, 'app_time': NOW - 1})))
create('time_taken_twice', lambda o: mac(KEY1, text({**o, 'app_time': NOW + 37})), 'json')
create('time_format', lambda o: mac(KEY1, text({**o, 'app_time': datetime.datetime.fromtimestamp(NOW // 1000, datetime.timezone.utc).strftime('%Y-%m-%d %H:%M:%S')})))
create('time_zone', lambda o: mac(KEY1, text({**o, 'app_trans_id': '261121_392233'})))
create('time_zone', lambda o: mac(KEY1, text({**o, 'app_time': NOW + 7 * 3600 * 1000})))
create('id_prefix', lambda o: mac(KEY1, text({**o, 'app_trans_id': '392233'})))
create('null_in_text', lambda o: mac(KEY1, text({**o, 'app_user': None})))
create('member_empty', lambda o: mac(KEY1, text({**o, 'embed_data': ''})))
create('quoted_value', lambda o: mac(KEY1, '|'.join(json.dumps(o[n], ensure_ascii=False) if n in ('app_trans_id',) else str(o[n]) for n in NAMES)))
create('quoted_value', lambda o: mac(KEY1, text({**o, 'app_id': '"2553"'})), 'json')
create('quoted_value', lambda o: mac(KEY1, text({**o, 'amount': '"50000"', 'app_time': f'"{NOW}"', 'app_id': '"2553"'})), 'json')
create('url_encoded', lambda o: mac(KEY1, '|'.join(urllib.parse.quote(str(o[n])) for n in NAMES)))
create('url_encoded', lambda o: mac(KEY1, '|'.join(urllib.parse.quote_plus(str(o[n])) for n in NAMES)), 'form')
create('url_encoded', lambda o: mac(KEY1, text({**o, 'item': urllib.parse.quote(o['item'], safe='')})), 'query')
create('url_encoded', lambda o: mac(KEY1, urllib.parse.quote_plus(text(o))), 'form')
create('html_entities', lambda o: mac(KEY1, text({**o, 'embed_data': html.escape(o['embed_data']), 'item': html.escape(o['item'])})))
create('unicode_form', lambda o: mac(KEY1, text({**o, 'app_user': unicodedata.normalize('NFD', o['app_user'])})), 'utf8')
create('charset', lambda o: mac(KEY1, text(o).encode('latin-1', 'replace')))
create('charset', lambda o: mac(KEY1, text(o).encode('ascii', 'ignore')), 'utf8')
create('charset', lambda o: mac(KEY1, text(o).encode('utf-16-le')))
create('charset', lambda o: mac(KEY1, text(o).encode('utf-8-sig')))
create('charset', lambda o: mac(KEY1, text(o).encode('cp1252', 'replace')))
create('mojibake', lambda o: mac(KEY1, text({**o, 'app_user': o['app_user'].encode().decode('latin-1')})), 'utf8')
create('mojibake', lambda o: mac(KEY1, text({**o, 'app_user': 'Trần Thị Bình'})), 'utf8', app_user='Trần Thị Bình'.encode().decode('latin-1'))
create('accents', lambda o: mac(KEY1, text({**o, 'app_user': 'Tran Thi Binh'})), 'utf8')
create('newline', lambda o: mac(KEY1, text(o) + '\r\n'))
create('newline', lambda o: mac(KEY1, text({**o, 'app_user': 'binh\n'})), 'form', app_user='binh')
create('spaces', lambda o: mac(KEY1, text({**o, 'app_user': 'binh '})), 'form', app_user='binh')
create('spaces', lambda o: mac(KEY1, text({**o, 'app_user': 'Trần Thị Bình'})), 'json', app_user='Trần Thị Bình ')
create('spaces', lambda o: mac(KEY1, text(o, sep='|').replace(' ', '')), 'json', item='[]', embed_data='{}')
create('key_padded', lambda o: mac(KEY1 + '\r\n', text(o)))
create('key_padded', lambda o: mac(f"'{KEY1}'", text(o)), 'json')
create('key_encoded', lambda o: mac(base64.b64encode(KEY1.encode()), text(o)))
create('key_encoded', lambda o: mac(KEY1.encode().hex(), text(o)))
create('key_decoded_base64', lambda o: mac(base64.b64decode(KEY1), text(o)))
create('key_placeholder', lambda o: mac(str(None), text(o)))
create('key_hashed', lambda o: mac(hashlib.sha256(KEY1.encode()).digest(), text(o)))
create('key_joined', lambda o: mac(KEY1 + KEY2, text(o)))
create('key2', lambda o: mac(KEY2, text(o)), 'multipart')
create('key2+json_spacing', lambda o: mac(KEY2, text({**o, 'embed_data': json.dumps(EMBED, separators=(',', ':'))})), 'form')
create('other_app_key', lambda o: mac(K2554[0], text(o)), 'json')
create('mac_base64', lambda o: base64.b64encode(hm.new(KEY1.encode(), text(o).encode(), 'sha256').digest()).decode())
create('other_hash', lambda o: mac(KEY1, text(o), hashlib.sha1))
create('other_hash', lambda o: mac(KEY1, text(o), hashlib.sha384))
create('plain_hash', lambda o: hashlib.sha256((KEY1 + text(o)).encode()).hexdigest())
create('plain_hash', lambda o: hashlib.sha1((text(o) + KEY1).encode()).hexdigest())
create('arguments_swapped', lambda o: mac(text(o), KEY1))
create('hash_twice', lambda o: mac(KEY1, hashlib.sha256(text(o).encode()).hexdigest()))
create('order_of_members', lambda o: mac(KEY1, text(o, sorted(NAMES))))
create('order_of_members', lambda o: mac(KEY1, text(o, [n for n in o if n in NAMES])), 'json')
create('order_of_members', lambda o: mac(KEY1, text(o, ['app_id', 'app_trans_id', 'app_user', 'app_time', 'amount', 'embed_data', 'item'])))
create('member_missing', lambda o: mac(KEY1, text(o, NAMES[1:])))
create('member_missing', lambda o: mac(KEY1, text(o, NAMES[:-1])))
create('member_extra', lambda o: mac(KEY1, text(o, NAMES[:3] + ['description'] + NAMES[3:])))
create('member_extra', lambda o: mac(KEY1, text(o, NAMES + ['description', 'bank_code'])))
create('separator', lambda o: mac(KEY1, text(o, sep='||')))
create('separator', lambda o: mac(KEY1, '|' + text(o)))
create('separator', lambda o: mac(KEY1, text(o, sep=' | ')))
create('names_in_text', lambda o: mac(KEY1, '&'.join(f'{n}={o[n]}' for n in sorted(NAMES))))
create('literal_names', lambda o: mac(KEY1, '|'.join(NAMES)))
create('literal_names', lambda o: mac(KEY1, 'appid|apptransid|appuser|amount|apptime|embeddata|item'))
create('body_signed', lambda o: mac(KEY1, urllib.parse.urlencode(o)), 'form')
create('body_signed', lambda o: mac(KEY1, json.dumps(o)), 'json')
create('order_of_members+empty_or_default', lambda o: mac(KEY1, text({**o, 'item': ''}, NAMES[:5] + ['item', 'embed_data'])), 'form', item='[]')
create('number_format+json_spacing', lambda o: mac(KEY1, text({**o, 'amount': 50000.0, 'embed_data': json.dumps(EMBED, separators=(',', ':'))})), 'form')

Q = {'app_id': 2553, 'app_trans_id': '261122_1'}
emit('query_order', {**Q, 'mac': mac(KEY1, '2553|261122_1')}, 'key1_missing')
emit('query_order', {**Q, 'mac': mac(KEY1, f'2553|261122_1|{KEY2}')}, 'key2')
emit('query_order', {**Q, 'mac': mac(KEY1, '2553|261122_1|key1')}, 'key_placeholder')
emit('query_order', {**Q, 'mac': mac(KEY1 + '\n', f'2553|261122_1|{KEY1}\n')}, 'key_padded', 'json')
emit('query_order', {**Q, 'mac': mac(K2554[0], f'2553|261122_1|{K2554[0]}')}, 'other_app_key')
emit('cancel_order', {**Q, 'mac': mac(KEY1, f'2553261122_1{KEY1}')}, 'separator')
R = {'app_id': 2553, 'm_refund_id': '261122_2553_7', 'zp_trans_id': '261122000000389', 'amount': 5000, 'timestamp': NOW, 'description': 'Hoàn tiền'}
RN = ['app_id', 'zp_trans_id', 'amount', 'description', 'timestamp']
emit('refund_order', {**R, 'mac': mac(KEY1, text(R, RN[:3] + RN[4:]))}, 'member_missing')
emit('refund_order', {**R, 'mac': mac(KEY1, text({**R, 'amount': 5000.0}, RN))}, 'number_format', 'json')
emit('refund_order', {**R, 'mac': mac(KEY1, text({**R, 'refund_fee_amount': 0}, RN[:3] + ['refund_fee_amount'] + RN[3:]))}, 'refund_fee')
emit('refund_order', {**R, 'refund_fee_amount': 100, 'mac': mac(KEY1, text(R, RN))}, 'refund_fee')
emit('refund_order', {**R, 'mac': mac(KEY1, text(R, ['app_id', 'm_refund_id'] + RN[1:]))}, 'member_extra')
QR = {'app_id': 2553, 'm_refund_id': '261122_2553_7', 'timestamp': NOW}
emit('query_refund', {**QR, 'mac': mac(KEY1, text(QR, list(QR)) + '|' + KEY1)}, 'key1_added')
emit('query_refund', {**QR, 'mac': mac(KEY2, text(QR, list(QR)))}, 'key2')
emit('query_refund', {**QR, 'mac': mac(KEY1, text({**QR, 'm_refund_id': '261121_2553_7'}, list(QR)))}, 'time_zone')
T = {'app_id': 2554, 'app_trans_id': '261122_777', 'req_date': NOW}
emit('query_payment_token_wallet', {**T, 'mac': mac(K2554[0], f'2554|261122_777|{K2554[0]}')}, 'other_formula', app=2554)
emit('query_payment_token_wallet', {**T, 'mac': mac(K2554[1], text(T, list(T)))}, 'key2', app=2554)
B = {'app_id': 2554, 'identifier': 'u1', 'pay_token': 'pt1', 'amount': 10000, 'req_date': NOW}
emit('query_balance_wallet', {**B, 'mac': mac(K2554[0], text(B, list(B)))}, 'order_of_members', app=2554)
U = {'app_id': 7001, 'identifier': 'u1', 'binding_id': 'b1', 'req_date': NOW}
emit('unbinding_wallet', {**U, 'mac': mac(bytes.fromhex(K7001[0]), text(U, list(U)))}, 'key_decoded_hex', app=7001)
emit('unbinding_wallet', {**U, 'mac': mac(K7001[0], text(U, ['app_id', 'binding_id', 'identifier', 'req_date']))}, 'order_of_members', app=7001)
emit('query_user_info', {'app_id': 2554, 'access_token': 'pt1', 'req_date': NOW, 'mac': mac(K2554[0], f'2554|{NOW}|pt1')}, 'order_of_members', 'json', 2554)
emit('query_user_info', {'app_id': 2554, 'access_token': 'pt1', 'req_date': NOW, 'mac': mac(K2554[0], f'2554|{NOW}')}, 'member_missing', 'json', 2554)
for i in range(8):
    nobody = hashlib.sha256(b'python %d' % i).hexdigest()
    if i % 2:
        emit('query_balance_wallet', {**B, 'mac': nobody}, 'unknown', app=2554)
    else:
        create('unknown', lambda o: nobody, ['form', 'json', 'query', 'utf8'][i // 2])
