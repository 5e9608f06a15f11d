<?php
// Payouts whose sig is wrong, as PHP makes them: php sig.php > ../sig-php.jsonl
$key1 = 'PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL';
$key2 = 'kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz';
$pem = "-----BEGIN PRIVATE KEY-----\n" . file_get_contents(__DIR__ . '/../../../sandbox/disbursement_key.txt') . "-----END PRIVATE KEY-----\n";
$key = openssl_pkey_get_private($pem);
$public = openssl_pkey_get_details($key)['key'];

$order = [
    'app_id' => '2553', 'payment_id' => 'default', 'partner_order_id' => 'hoa-hong-9', 'm_u_id' => 'a1b2c3d4', 'amount' => '990000',
    'description' => "Hoa hồng d'An", 'partner_embed_data' => '{"url":"https://shop.example/a"}', 'extra_info' => '{}', 'time' => '1795345730366',
];
$text = implode('|', $order);
$mac = hash_hmac('sha256', $text, $key1);

function sign(string $text, int $hash = OPENSSL_ALGO_SHA256): string
{
    global $key;
    openssl_sign($text, $sig, $key, $hash);
    return $sig;
}

openssl_private_encrypt($mac, $encrypted, $key);
openssl_public_encrypt($mac, $sealed, $public);
$slashes = $order;
$slashes['partner_embed_data'] = json_encode(json_decode($order['partner_embed_data']));
$sorted = $order;
ksort($sorted);

$cases = [
    ['good', base64_encode(sign($mac))],
    ['sig_hex', bin2hex(sign($mac))],
    ['sig_line_breaks+sig_mac_case', chunk_split(base64_encode(sign(strtoupper($mac))))],
    ['sig_other_hash', base64_encode(sign($mac, OPENSSL_ALGO_SHA1))],  // what openssl_sign takes when no hash is named
    ['sig_mac_bytes', base64_encode(sign(hash_hmac('sha256', $text, $key1, true)))],
    ['sig_plain_text', base64_encode(sign($text))],
    ['sig_no_digest', base64_encode($encrypted)],
    ['sig_other_key', base64_encode($sealed)],  // with the public key: nobody can tell it from another key
    ['sig_url_encoded', urlencode(base64_encode(sign($mac)))],
    ['sig_url_safe+sig_unpadded', rtrim(strtr(base64_encode(sign($mac)), '+/', '-_'), '=')],
    ['key2', base64_encode(sign(hash_hmac('sha256', $text, $key2)))],
    ['plain_hash', base64_encode(sign(hash('sha256', $text)))],
    ['json_escapes', base64_encode(sign(hash_hmac('sha256', implode('|', $slashes), $key1)))],
    ['order_of_members', base64_encode(sign(hash_hmac('sha256', implode('|', $sorted), $key1)))],
];
foreach ($cases as [$cause, $sig]) {
    $members = $order + ['sig' => $sig];
    $bodies = ['application/json' => json_encode($members), 'application/x-www-form-urlencoded' => http_build_query($members)];
    foreach ($bodies as $type => $body) {
        echo json_encode(['language' => 'php', 'operation' => 'disbursement_topup', 'app_id' => 2553, 'cause' => $cause, 'content_type' => $type, 'body' => $body], JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE), "\n";
    }
}
