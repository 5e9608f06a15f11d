"""Twenty more broken requests, written when the doctor was done."""
import base64
import hashlib
import hmac as hm
import json
import sys
import unicodedata
import urllib.parse
import uuid

KEY1, KEY2 = '8NdU5pG5R2spGHGhyO99HN1OhD8IQJBn', 'uUfsWgfLkRLzq6W2uNXTCxrfxs51auny'
NOW = 1795350000123
NAMES = ['app_id', 'app_trans_id', 'app_user', 'amount', 'app_time', 'embed_data', 'item']


def mac(key, text):
    key = key if isinstance(key, bytes) else key.encode()
    text = text if isinstance(text, bytes) else text.encode()
    return hm.new(key, text, hashlib.sha256).hexdigest()


def emit(op, fields, cause, how):
    r = {'language': 'held-python', 'operation': op, 'app_id': 554, 'cause': cause}
    if how == 'json':
        r['content_type'], r['body'] = 'application/json', json.dumps(fields, ensure_ascii=False)
    elif how == 'form':
        r['content_type'], r['body'] = 'application/x-www-form-urlencoded', urllib.parse.urlencode(fields)
    else:
        r['content_type'], r['body'], r['query'] = 'application/x-www-form-urlencoded', '', urllib.parse.urlencode(fields)
    sys.stdout.write(json.dumps(r, ensure_ascii=False) + '\n')


META = {'preferred_payment_method': ['domestic_card', 'account'], 'redirecturl': 'https://api.example/vé?m=1', 'n': {'b': True, 'a': None}}
CART = [{'sku': 'VX-1', 'tên': 'Vé xe', 'giá': 250000.5}, {'sku': 'VX-2', 'tên': 'Gối', 'giá': 30000}]
O = {'app_id': 554, 'app_trans_id': '261122_' + uuid.UUID(int=77).hex, 'app_user': 'khach hang+vip@x.vn', 'app_time': NOW, 'amount': 1234567,
     'embed_data': json.dumps(META, ensure_ascii=False), 'item': json.dumps(CART, ensure_ascii=False), 'description': 'Vé xe "Tết"', 'bank_code': 'CC'}


def text(o=O, names=NAMES, sep='|', **c):
    return sep.join(str({**o, **c}[n]) for n in names)


def create(cause, m, how='form', **c):
    emit('create_order', {**O, **c, 'mac': m}, cause, how)


create('json_spacing', mac(KEY1, text(item=json.dumps(CART, ensure_ascii=False, indent=2))))
create('json_reserialised', mac(KEY1, text(embed_data=json.dumps(META, sort_keys=True))), 'json')
create('json_escapes', mac(KEY1, text(embed_data=json.dumps(META), item=json.dumps(CART))), 'json')
create('object_text', mac(KEY1, text(embed_data=META, item=CART)), 'json')
create('number_format', mac(KEY1, text(amount=f'{1234567:.1f}')), 'query')
create('number_format', mac(KEY1, text(amount=f'{1234567:,.2f}')), 'form')
create('amount_unit', mac(KEY1, text(amount=1234567 / 100)), 'form')
create('key_padded', mac(f'"{KEY1}"\n', text()), 'form')
create('key_truncated', mac(KEY1[:-2], text()), 'json')
create('key_encoded', mac(base64.b64encode(KEY1.encode()).decode().rstrip('='), text()), 'json')
create('url_encoded', mac(KEY1, text(app_user=urllib.parse.quote(O['app_user']))), 'form')
create('charset', mac(KEY1, text().encode('cp1258', 'replace')), 'form')
create('plain_hash', hashlib.sha256(f'{KEY1}|{text()}'.encode()).hexdigest(), 'form')
create('order_of_members', mac(KEY1, text(names=['app_id', 'app_user', 'app_time', 'amount', 'app_trans_id', 'embed_data', 'item'])), 'form')
create('member_extra', mac(KEY1, text(names=NAMES + ['bank_code'])), 'form')
create('key2+order_of_members', mac(KEY2, text(names=sorted(NAMES))), 'json')
emit('query_refund', {'app_id': 554, 'm_refund_id': '261122_554_1', 'timestamp': NOW, 'mac': mac(KEY1, f'261122_554_1|554|{NOW}')}, 'order_of_members', 'form')
emit('query_order', {'app_id': 554, 'app_trans_id': '261122_5', 'mac': mac(KEY2, f'554|261122_5')}, 'key2+key1_missing', 'json')
emit('refund_order', {'app_id': 554, 'm_refund_id': '261122_554_1', 'zp_trans_id': '261122000000001', 'amount': 9000, 'timestamp': NOW, 'description': 'x',
                      'mac': mac(KEY1, f'554|261122000000001|9000|{NOW}|x')}, 'order_of_members', 'form')
create('unknown', hashlib.sha256(b'held 1').hexdigest(), 'json')
