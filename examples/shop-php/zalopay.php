<?php
// The Zalopay merchant API, as far as the shop needs it. Copy this file.

// The defaults are the public keys of a sandbox. Yours come from the environment,
// and never into a repository.
define('BASE', getenv('ZALOPAY_BASE_URL') ?: 'http://127.0.0.1:8080'); // or https://sb-openapi.zalopay.vn, https://openapi.zalopay.vn
define('APP_ID', getenv('ZALOPAY_APP_ID') ?: '2553');
define('KEY1', getenv('ZALOPAY_KEY1') ?: 'PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL'); // signs what we send
define('KEY2', getenv('ZALOPAY_KEY2') ?: 'kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz'); // signs what we are sent

// What each mac covers, in this order, with | between; "key1" is the key itself.
const SIGNED = [
    '/v2/create' => 'app_id app_trans_id app_user amount app_time embed_data item',
    '/v2/query' => 'app_id app_trans_id key1',
    '/v2/refund' => 'app_id zp_trans_id amount description timestamp',
    '/v2/query_refund' => 'app_id m_refund_id timestamp',
    '/v2/agreement/bind' => 'app_id app_trans_id binding_data binding_type identifier max_amount req_date',
    '/v2/agreement/query' => 'app_id app_trans_id req_date',
    '/v2/agreement/pay' => 'app_id identifier zp_trans_token pay_token req_date',
    '/v2/agreement/unbind' => 'app_id identifier binding_id req_date',
];

// Times are in milliseconds, and may be at most 15 minutes off.
function now_ms(): int
{
    return (int) (microtime(true) * 1000);
}

// Sends an operation and returns the answer, refusals included: the HTTP status
// is 200 for those too, and return_code tells (1 yes, 2 no, 3 under way).
function call(string $path, array $fields): array
{
    $fields['app_id'] = APP_ID;
    // What is not sent counts as empty.
    $values = array_map(fn ($name) => $name === 'key1' ? KEY1 : ($fields[$name] ?? ''), explode(' ', SIGNED[$path]));
    $fields['mac'] = hash_hmac('sha256', implode('|', $values), KEY1);
    $answer = @file_get_contents(BASE . $path, false, stream_context_create(['http' => [
        'method' => 'POST',
        'header' => 'Content-Type: application/x-www-form-urlencoded',
        'content' => http_build_query($fields),
        'timeout' => 30,
    ]]));
    $decoded = json_decode((string) $answer, true);
    return is_array($decoded) ? $decoded : throw new RuntimeException("$path: " . (error_get_last()['message'] ?? 'no readable answer'));
}

// Today's date at GMT+7 as yymmdd, whatever the zone of this machine is.
function today(): string
{
    return gmdate('ymd', time() + 7 * 3600);
}

// An app_trans_id must begin with today's date (-401 otherwise). It is gone for
// good once it was used (-68), also when that order was never paid.
function new_id(): string
{
    return today() . '_' . bin2hex(random_bytes(8));
}

function new_refund_id(): string
{
    return today() . '_' . APP_ID . '_' . bin2hex(random_bytes(8));
}

// Returns [type, data], or null if the gateway did not send it. The mac is over
// the string data exactly as it was received: decoding and encoding it again
// would change the text.
function read_callback(string $body): ?array
{
    $envelope = json_decode($body, true);
    $text = is_array($envelope) ? $envelope['data'] ?? null : null;
    $mac = is_array($envelope) ? $envelope['mac'] ?? null : null;
    // hash_equals takes constant time, so that a forger can't find a mac digit by digit.
    if (!is_string($text) || !is_string($mac) || !hash_equals(hash_hmac('sha256', $text, KEY2), $mac)) {
        return null;
    }
    $data = json_decode($text, true);
    return is_array($data) && (string) ($data['app_id'] ?? '') === APP_ID ? [$envelope['type'] ?? 0, $data] : null;
}

// Checks what the payment page has added to our address.
function good_redirect(array $query): bool
{
    $signed = ['appid', 'apptransid', 'pmcid', 'bankcode', 'amount', 'discountamount', 'status'];
    foreach ([...$signed, 'checksum'] as $name) {
        if (!is_string($query[$name] ?? '')) { // name[]=x makes a list
            return false;
        }
    }
    $text = implode('|', array_map(fn ($name) => $query[$name] ?? '', $signed));
    return hash_equals(hash_hmac('sha256', $text, KEY2), $query['checksum'] ?? '');
}
