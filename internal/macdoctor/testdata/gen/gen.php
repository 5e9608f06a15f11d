<?php
// Broken requests in the ways of PHP clients. Prints one JSON record a line.
const KEY1 = 'PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL';
const KEY2 = 'kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz';
const K553 = ['9phuAOYhan4urywHTh0ndEXiV3pKHr5Q', 'Iyz2habzyr7AG8SgvoBCbKwKi3UzlLi3'];
const K7001 = '3f8a1c0d9be24756a1f0c3d2e4b59687';
const NOW = 1795345730366;
const NAMES = ['app_id', 'app_trans_id', 'app_user', 'amount', 'app_time', 'embed_data', 'item'];

function emit(string $op, array $fields, string $cause, string $how = 'json', int $app = 2553): void
{
    $r = ['language' => 'php', 'operation' => $op, 'app_id' => $app, 'cause' => $cause];
    switch ($how) {
        case 'json': // json_encode as it comes: \/ and \uXXXX
            $r += ['content_type' => 'application/json; charset=UTF-8', 'body' => json_encode($fields)];
            break;
        case 'form':
            $r += ['content_type' => 'application/x-www-form-urlencoded', 'body' => http_build_query($fields)];
            break;
        case 'rfc3986':
            $r += ['content_type' => 'application/x-www-form-urlencoded', 'body' => http_build_query($fields, '', '&', PHP_QUERY_RFC3986)];
            break;
        case 'query':
            $r += ['content_type' => 'application/x-www-form-urlencoded', 'query' => http_build_query($fields), 'body' => ''];
            break;
        default:
            $r += ['content_type' => 'application/x-www-form-urlencoded', 'body' => $how];
    }
    echo json_encode($r, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES), "\n";
}

const EMBED = ['redirecturl' => 'http://shop.example/back', 'merchantinfo' => 'Cửa hàng "Hoa"'];
const ITEM = [['itemid' => 'sp1', 'itemname' => 'Bánh mì', 'itemprice' => 20000]];

function order(array $over = []): array
{
    return $over + ['app_id' => 2553, 'app_user' => "Phạm D'Anh", 'amount' => 20000, 'currency' => 'VND', 'description' => 'Thanh toán đơn hàng',
        'app_trans_id' => '261122_179534573052', 'app_time' => NOW, 'callback_url' => 'http://127.0.0.1/cb', 'bank_code' => '',
        'item' => json_encode(ITEM), 'embed_data' => json_encode(EMBED)];
}
function text(array $o, array $names = NAMES, string $sep = '|'): string
{
    return implode($sep, array_map(fn ($n) => $o[$n] ?? '', $names));
}
function mac(string $text, string $key = KEY1, string $algo = 'sha256'): string
{
    return hash_hmac($algo, $text, $key);
}
function create(string $cause, callable $f, string $how = 'json', array $over = []): void
{
    $o = order($over);
    emit('create_order', $o + ['mac' => $f($o)], $cause, $how);
}

create('json_escapes', fn ($o) => mac(text(['embed_data' => json_encode(EMBED, JSON_UNESCAPED_SLASHES)] + $o)));
create('json_escapes', fn ($o) => mac(text(['embed_data' => json_encode(EMBED, JSON_UNESCAPED_UNICODE), 'item' => json_encode(ITEM, JSON_UNESCAPED_UNICODE)] + $o)));
create('json_escapes', fn ($o) => mac(text(['embed_data' => json_encode(EMBED, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES), 'item' => json_encode(ITEM, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES)] + $o)), 'form');
create('json_escapes', fn ($o) => mac(text(['embed_data' => json_encode(EMBED)] + $o)), 'form', ['embed_data' => json_encode(EMBED, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE)]);
create('json_escapes', fn ($o) => mac(text(['item' => json_encode(ITEM)] + $o)), 'rfc3986', ['item' => json_encode(ITEM, JSON_UNESCAPED_UNICODE)]);
create('json_reserialised', fn ($o) => mac(text(['embed_data' => json_encode(EMBED, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE)] + $o)));
create('json_spacing', fn ($o) => mac(text(['embed_data' => json_encode(EMBED, JSON_PRETTY_PRINT)] + $o)));
create('json_double_encoded', fn ($o) => mac(text(['embed_data' => json_encode($o['embed_data'])] + $o)));
create('json_double_encoded', fn ($o) => mac(text(['embed_data' => addslashes($o['embed_data'])] + $o)));
create('html_entities', fn ($o) => mac(text(['embed_data' => htmlspecialchars($o['embed_data']), 'item' => htmlspecialchars($o['item'])] + $o)), 'form');
create('html_entities', fn ($o) => mac(text(['app_user' => htmlspecialchars($o['app_user'])] + $o)), 'form', ['embed_data' => '{}', 'item' => '[]']);
create('html_entities', fn ($o) => mac(text(['app_user' => "Phạm D'Anh"] + $o)), 'form', ['app_user' => htmlspecialchars("Phạm D'Anh"), 'embed_data' => '{}', 'item' => '[]']);
create('object_text', fn ($o) => mac(text(['embed_data' => 'Array'] + $o)));
create('object_text', fn ($o) => mac(text(['embed_data' => (string) 'Array', 'item' => (string) 'Array'] + $o)));
create('number_format', fn ($o) => mac(text(['amount' => number_format($o['amount'])] + $o)));
create('number_format', fn ($o) => mac(text(['amount' => number_format($o['amount'], 0, ',', '.')] + $o)), 'form');
create('number_format', fn ($o) => mac(text(['amount' => number_format($o['amount'], 2, '.', '')] + $o)), 'form');
create('number_format', fn ($o) => mac(text(['amount' => number_format($o['amount'], 0, ',', '.') . ' VND'] + $o)));
create('amount_unit', fn ($o) => mac(text(['amount' => $o['amount'] * 100] + $o)));
create('amount_unit', fn ($o) => mac(text(['amount' => $o['amount'] / 1000] + $o)));
create('time_unit', fn ($o) => mac(text(['app_time' => intdiv(NOW, 1000)] + $o)));
create('time_unit', fn ($o) => mac(text(['app_time' => NOW / 1000] + $o)));
create('time_taken_twice', fn ($o) => mac(text(['app_time' => NOW + 1] + $o)));
create('time_taken_twice', fn ($o) => mac(text(['app_time' => NOW - 1000] + $o)));
create('time_format', fn ($o) => mac(text(['app_time' => gmdate('YmdHis', intdiv(NOW, 1000) + 7 * 3600)] + $o)));
create('time_zone', fn ($o) => mac(text(['app_trans_id' => gmdate('ymd', gmmktime(0, 0, 0, 11, 21, 2026)) . '_179534573052'] + $o)));
create('id_prefix', fn ($o) => mac(text(['app_trans_id' => '179534573052'] + $o)));
create('id_prefix', fn ($o) => mac(text(['app_trans_id' => '20261122_179534573052'] + $o)));
create('url_encoded', fn ($o) => mac(implode('|', array_map('urlencode', array_map('strval', array_intersect_key(array_replace(array_flip(NAMES), $o), array_flip(NAMES)))))), 'form');
create('url_encoded', fn ($o) => mac(implode('|', array_map(fn ($n) => rawurlencode((string) $o[$n]), NAMES))), 'rfc3986');
create('url_encoded', fn ($o) => mac(urlencode(text($o))), 'form');
create('url_encoded', fn ($o) => mac(text(['embed_data' => rawurlencode($o['embed_data'])] + $o)), 'json');
create('empty_or_default', fn ($o) => mac(text(['embed_data' => json_encode([])] + $o)), 'json', ['embed_data' => '{}', 'item' => '[]']);
create('empty_or_default', fn ($o) => mac(text(['embed_data' => ''] + $o)), 'form', ['embed_data' => '{}', 'item' => '[]']);
create('empty_or_default', fn ($o) => mac(text(['item' => '{}'] + $o)), 'form', ['embed_data' => '{}', 'item' => '[]']);
create('null_in_text', fn ($o) => mac(text(['item' => json_encode(null)] + $o)), 'form', ['embed_data' => '{"a":1}', 'item' => '[{"a":1}]']);
create('member_empty', fn ($o) => mac(text(['app_user' => null] + $o)), 'form');
create('member_missing', fn ($o) => mac(implode('|', array_filter([$o['app_id'], $o['app_trans_id'], null, $o['amount'], $o['app_time'], $o['embed_data'], $o['item']]))));
create('key_empty', fn ($o) => mac(text($o), (string) getenv('NO_SUCH_KEY1')));
create('key_padded', fn ($o) => mac(text($o), KEY1 . "\n"), 'form');
create('key_padded', fn ($o) => mac(text($o), KEY1 . ';'));
create('key_padded', fn ($o) => mac(text($o), KEY1 . ' '), 'query');
create('key_hashed', fn ($o) => mac(text($o), md5(KEY1)));
create('key_decoded_base64', fn ($o) => mac(text($o), base64_decode(KEY1)));
create('key_encoded', fn ($o) => mac(text($o), base64_encode(KEY1)));
create('key_encoded', fn ($o) => mac(text($o), bin2hex(KEY1)));
create('other_app_key', fn ($o) => mac(text($o), K553[0]));
create('key2', fn ($o) => mac(text($o), KEY2), 'rfc3986');
create('key2+json_escapes', fn ($o) => mac(text(['embed_data' => json_encode(EMBED, JSON_UNESCAPED_SLASHES)] + $o), KEY2));
create('order_of_members+json_escapes', fn ($o) => mac(text(['embed_data' => json_encode(EMBED, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE)] + $o, ['app_id', 'app_trans_id', 'app_user', 'amount', 'app_time', 'item', 'embed_data'])), 'json', ['item' => '[]']);
create('plain_hash', fn ($o) => hash('sha256', text($o) . KEY1));
create('plain_hash', fn ($o) => md5(text($o) . '|' . KEY1));
create('plain_hash', fn ($o) => sha1(KEY1 . text($o)));
create('plain_hash', fn ($o) => hash('sha512', text($o)));
create('arguments_swapped', fn ($o) => hash_hmac('sha256', KEY1, text($o)));
create('other_hash', fn ($o) => mac(text($o), KEY1, 'sha1'));
create('other_hash', fn ($o) => mac(text($o), KEY1, 'md5'));
create('other_hash', fn ($o) => mac(text($o), KEY1, 'sha3-256'));
create('mac_base64', fn ($o) => base64_encode(hash_hmac('sha256', text($o), KEY1, true)));
create('mac_base64', fn ($o) => base64_encode(mac(text($o))));
create('mac_truncated', fn ($o) => substr(mac(text($o)), 0, 50));
create('order_of_members', function ($o) { $s = array_intersect_key($o, array_flip(NAMES)); ksort($s); return mac(implode('|', $s)); });
create('order_of_members', fn ($o) => mac(implode('|', array_intersect_key($o, array_flip(NAMES)))));
create('names_in_text', function ($o) { $s = array_intersect_key($o, array_flip(NAMES)); ksort($s); return mac(urldecode(http_build_query($s))); });
create('body_signed', fn ($o) => mac(json_encode($o)));
create('body_signed', fn ($o) => mac(http_build_query($o)), 'form');
create('separator', fn ($o) => mac(text($o) . '|'));
create('separator', fn ($o) => mac(text($o, NAMES, ',')));
create('text_encoded', fn ($o) => mac(base64_encode(text($o))));
create('newline', fn ($o) => mac(text($o) . PHP_EOL));
create('spaces', fn ($o) => mac(text(['app_user' => trim($o['app_user'])] + $o)), 'form', ['app_user' => " Phạm "]);
create('value_case', fn ($o) => mac(text(['app_user' => strtolower($o['app_user'])] + $o)), 'form', ['app_user' => 'AnNguyen']);
create('member_extra', fn ($o) => mac(text($o) . '|' . $o['callback_url']));

$refund = ['app_id' => 2553, 'm_refund_id' => '261122_2553_5', 'zp_trans_id' => '261122000000389', 'amount' => 10000, 'timestamp' => NOW, 'description' => 'Hoàn / trả'];
$rn = ['app_id', 'zp_trans_id', 'amount', 'description', 'timestamp'];
emit('refund_order', $refund + ['mac' => mac(text(['description' => json_encode($refund['description'])] + $refund, $rn))], 'json_double_encoded');
emit('refund_order', $refund + ['mac' => mac(text(['description' => substr(json_encode($refund['description']), 1, -1)] + $refund, $rn))], 'json_double_encoded');
emit('refund_order', $refund + ['mac' => mac(text(['description' => urlencode($refund['description'])] + $refund, $rn))], 'url_encoded', 'form');
emit('refund_order', $refund + ['mac' => mac(text($refund, $rn), KEY2)], 'key2', 'form');
emit('query_refund', ['app_id' => 2553, 'm_refund_id' => 'x261122_2553_5', 'timestamp' => NOW, 'mac' => mac('2553|x261122_2553_5|' . intdiv(NOW, 1000))], 'time_unit');
emit('query_order', ['app_id' => 2553, 'app_trans_id' => '261122_1', 'mac' => mac('2553|261122_1')], 'key1_missing', 'form');
emit('query_order', ['app_id' => 2553, 'app_trans_id' => '261122_1', 'mac' => mac('2553|261122_1|' . KEY1 . '|')], 'separator', 'form');
emit('query_order', ['app_id' => 2553, 'app_trans_id' => '261122_1', 'mac' => mac('2553|261122_1|' . K553[0], K553[0])], 'other_app_key', 'form');
emit('list_banks', ['appid' => 2553, 'reqtime' => NOW, 'mac' => mac('2553|' . NOW . '|' . KEY1)], 'key1_added', 'form');
emit('list_banks', ['appid' => 2553, 'reqtime' => NOW, 'mac' => mac(NOW . '|2553')], 'order_of_members', 'form');
for ($i = 0; $i < 6; $i++) {
    $nobody = hash('sha256', "php $i");
    if ($i % 2) {
        emit('refund_order', $refund + ['mac' => $nobody], 'unknown', 'form');
    } else {
        create('unknown', fn ($o) => $nobody, ['json', 'form', 'query'][$i / 2]);
    }
}
