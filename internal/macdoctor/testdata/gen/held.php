<?php
// Twenty more broken requests, written when the doctor was done.
const K1 = '9phuAOYhan4urywHTh0ndEXiV3pKHr5Q';
const K2 = 'Iyz2habzyr7AG8SgvoBCbKwKi3UzlLi3';
const NOW = 1795352222001;
function mac(string $text, string $key = K1): string { return hash_hmac('sha256', $text, $key); }
function emit(string $op, array $f, string $cause, string $how = 'form'): void
{
    echo json_encode(['language' => 'held-php', 'operation' => $op, 'app_id' => 553, 'cause' => $cause,
        'content_type' => $how === 'form' ? 'application/x-www-form-urlencoded' : 'application/json',
        'body' => $how === 'form' ? http_build_query($f) : json_encode($f)], JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES), "\n";
}
$data = ['url' => 'https://a.example/b?c=d&e=f', 'shop' => "Tiệm 'Ánh'", 'list' => []];
$o = ['app_id' => '553', 'app_trans_id' => '261122_' . md5('x'), 'app_user' => 'Khách lẻ', 'app_time' => (string) NOW, 'amount' => '7000',
    'item' => json_encode([['t' => 'a/b'], ['t' => 'ơ']]), 'embed_data' => json_encode($data, JSON_UNESCAPED_UNICODE), 'description' => 'Đơn <1>'];
function text(array $o): string { return "{$o['app_id']}|{$o['app_trans_id']}|{$o['app_user']}|{$o['amount']}|{$o['app_time']}|{$o['embed_data']}|{$o['item']}"; }
function create(string $cause, string $mac, string $how = 'form'): void { global $o; emit('create_order', $o + ['mac' => $mac], $cause, $how); }

create('json_escapes', mac(text(['embed_data' => json_encode($data)] + $o)));
create('json_escapes', mac(text(['embed_data' => json_encode($data, JSON_HEX_APOS | JSON_HEX_AMP | JSON_UNESCAPED_UNICODE)] + $o)));
create('json_double_encoded', mac(text(['item' => stripslashes($o['item'])] + $o)), 'json'); // one level of escapes less
create('json_spacing', mac(text(['item' => json_encode([['t' => 'a/b'], ['t' => 'ơ']], JSON_PRETTY_PRINT)] + $o)));
create('html_entities', mac(text(['embed_data' => htmlentities($o['embed_data'], ENT_COMPAT)] + $o)));
create('number_format', mac(text(['amount' => number_format(7000, 0, '', ' ')] + $o)));
create('number_format', mac(text(['app_time' => sprintf('%.0f', NOW) . '.0'] + $o)));
create('time_taken_twice', mac(text(['app_time' => NOW + 301] + $o)));
create('time_zone', mac(text(['app_time' => NOW - 25200000] + $o)));
create('id_prefix', mac(text(['app_trans_id' => md5('x')] + $o)));
create('member_empty', mac(text(['amount' => null] + $o)));
create('quoted_value', mac('"' . text($o) . '"'));
create('newline', mac(text($o) . "\r\n"));
create('key_case', mac(text($o), strtoupper(K1)));
create('key_joined', mac(text($o), K2 . K1));
create('plain_hash+key2', hash('sha256', text($o) . '|' . K2));
create('url_encoded+key2', mac(rawurlencode(text($o)), K2));
emit('cancel_order', ['app_id' => 553, 'app_trans_id' => '261122_7', 'mac' => mac('553|261122_7|' . K1 . "\n")], 'newline');
emit('list_banks', ['appid' => 553, 'reqtime' => NOW, 'mac' => mac('553|' . NOW, K2)], 'key2');
create('unknown', hash('sha256', 'held 3'));
