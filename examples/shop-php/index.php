<?php
// A small shop that takes payments: an order and its page, a callback, the way
// back, a saved wallet, a refund. See README.md.
require __DIR__ . '/zalopay.php';
require __DIR__ . '/pages.php';

// As payers and the gateway reach us; never what a request says in its Host.
define('SELF', getenv('SHOP_URL') ?: "http://{$_SERVER['SERVER_NAME']}:{$_SERVER['SERVER_PORT']}");
define('BOOKS', getenv('SHOP_BOOKS') ?: sys_get_temp_dir() . '/sen-shop-php.json');

const CUSTOMER = 'khach-1'; // who is signed in: this shop knows one person, yours has a login
const PRODUCTS = [
    // Whole dong: there is nothing smaller, so no floats and no "× 100".
    'tra' => ['name' => 'Trà sen · Lotus tea', 'price' => 45000],
    'caphe' => ['name' => 'Cà phê sữa · Milk coffee', 'price' => 29000],
    'banhmi' => ['name' => 'Bánh mì · Baguette', 'price' => 25000],
];

// What will never be otherwise ("sen codes list" has them all). With any other
// value an order can still be paid, and a refund still be made.
const FINAL_ORDER = [-54, -217, -332, -333, -1330, -1331, -1332, -1333, -1340, -1341, -1342, -1343];
const FINAL_REFUND = [-2, -13, -14, -32, 0];

// The books are a file with orders, wallets and the last binding asked for. Yours
// are a database: what the lock guards here is there an UPDATE … WHERE state =
// 'waiting'. Never call the gateway while holding the lock: its callback waits for it.
function books(callable $change)
{
    $file = fopen(BOOKS, 'c+');
    flock($file, LOCK_EX);
    $books = json_decode(stream_get_contents($file), true) ?? ['orders' => [], 'wallets' => [], 'asked' => ''];
    $before = $books;
    $result = $change($books);
    if ($books !== $before) {
        rewind($file);
        ftruncate($file, 0);
        fwrite($file, json_encode($books));
    }
    fclose($file); // which unlocks
    return $result;
}

function order(string $id): ?array
{
    return books(fn (&$books) => $books['orders'][$id] ?? null);
}

// Changes an order, if it is in the state that was seen, and returns it.
function move(string $id, string $seen, array $change): array
{
    return books(function (&$books) use ($id, $seen, $change) {
        if ($books['orders'][$id]['state'] === $seen) {
            $books['orders'][$id] = $change + $books['orders'][$id];
        }
        return $books['orders'][$id];
    });
}

function refusal(array $answer): string
{
    return "{$answer['sub_return_code']}: {$answer['sub_return_message']}";
}

// Makes an order. It is in the books before the gateway hears of it: the callback
// may overtake the answer.
function create(array $product, string $productCode = ''): array
{
    $id = new_id();
    books(function (&$books) use ($id, $product) {
        $books['orders'][$id] = $product + ['id' => $id, 'state' => 'waiting', 'note' => '', 'url' => '', 'deliveries' => 0];
    });
    try {
        $answer = call('/v2/create', [
            'app_trans_id' => $id, 'app_user' => CUSTOMER, 'amount' => $product['price'], 'description' => $product['name'],
            'app_time' => now_ms(), 'item' => '[]',
            'embed_data' => json_encode(['redirecturl' => SELF . '/back']), // encoded once: signed and sent as this text
            'callback_url' => SELF . '/callback', 'product_code' => $productCode,
        ]);
        if ($answer['return_code'] !== 1) {
            throw new RuntimeException(refusal($answer));
        }
    } catch (RuntimeException $error) {
        // Whatever arrived is not paid, because nobody has its page. The customer
        // buys again under a new identifier: this one may be used now (-68).
        return move($id, 'waiting', ['state' => 'failed', 'note' => $error->getMessage()]);
    }
    return move($id, 'waiting', ['url' => $answer['order_url'], 'token' => $answer['zp_trans_token']]);
}

// Books a payment: once, however often it is told. A callback can come twice, at
// the same time as a query says the same, and after the order seemed lost.
function settle($id, $amount, $number): bool
{
    return books(function (&$books) use ($id, $amount, $number) {
        if (!is_string($id) || !isset($books['orders'][$id]) || $amount !== $books['orders'][$id]['price']) {
            return false;
        }
        $order = &$books['orders'][$id];
        if (in_array($order['state'], ['waiting', 'failed'])) {
            $order = ['state' => 'paid', 'note' => '', 'number' => $number] + $order;
            $order['deliveries']++; // here the goods go out
        }
        return true;
    });
}

// Notes what became of a binding: status 1 is confirmed, others are its end.
function bound(string $user, array $data): void
{
    books(function (&$books) use ($user, $data) {
        if ($data['status'] === 1) {
            $books['wallets'][$user] = ['phone' => $data['masked_user_phone'], 'token' => $data['pay_token'], 'binding' => $data['binding_id']];
        } elseif (($books['wallets'][$user]['binding'] ?? '') === $data['binding_id']) {
            unset($books['wallets'][$user]); // ended in the wallet
        }
    });
}

function forget_wallet(): ?array
{
    return books(function (&$books) {
        $wallet = $books['wallets'][CUSTOMER] ?? null;
        unset($books['wallets'][CUSTOMER]);
        return $wallet;
    });
}

// The gateway repeats what is answered with 0, and nothing else.
function callback(string $body): array
{
    [$type, $data] = read_callback($body) ?? [0, null];
    if ($data === null) {
        return ['return_code' => -1, 'return_message' => 'mac not equal'];
    }
    if ($type === 2 && isset($data['binding_id'])) {
        bound($data['merchant_user_id'], $data);
    } elseif ($type !== 1 || empty($data['zp_trans_id']) || !settle($data['app_trans_id'], $data['amount'], $data['zp_trans_id'])) {
        return ['return_code' => 2, 'return_message' => 'not an order of this shop'];
    }
    return ['return_code' => 1, 'return_message' => 'success'];
}

// Asks the gateway what the shop does not know yet: callbacks get lost, and
// refunds have none.
function sync(array $order): void
{
    if ($order['state'] === 'waiting') {
        $answer = call('/v2/query', ['app_trans_id' => $order['id']]);
        if ($answer['return_code'] === 1) {
            settle($order['id'], $answer['amount'], $answer['zp_trans_id']);
        } elseif ($answer['return_code'] === 2 && in_array($answer['sub_return_code'], FINAL_ORDER)) {
            move($order['id'], 'waiting', ['state' => 'failed', 'note' => refusal($answer)]);
        }
    } elseif ($order['state'] === 'refunding') {
        $answer = call('/v2/query_refund', ['m_refund_id' => $order['refund'], 'timestamp' => now_ms()]);
        if ($answer['return_code'] === 1) {
            move($order['id'], 'refunding', ['state' => 'refunded']);
        } elseif ($answer['return_code'] === 2 && in_array($answer['sub_return_code'], FINAL_REFUND)) {
            move($order['id'], 'refunding', ['state' => 'paid', 'note' => refusal($answer)]);
        }
    }
}

// Pays with the wallet that the customer has saved. A success may also be "under
// way" (3): the query and the callback say.
function pay_by_wallet(array $order): void
{
    $wallet = books(fn (&$books) => $books['wallets'][CUSTOMER] ?? null);
    $answer = call('/v2/agreement/pay', [
        'pay_token' => $wallet['token'] ?? '', 'identifier' => CUSTOMER, 'zp_trans_token' => $order['token'], 'req_date' => now_ms(),
    ]);
    if ($answer['return_code'] === 2) {
        move($order['id'], 'waiting', ['note' => refusal($answer)]); // it can still be paid on its page
    }
    if (in_array($answer['sub_return_code'], [-101, -1002, -1007])) {
        forget_wallet(); // that token pays no more
    }
}

// Gives all of a payment back. The identifier is in the books before the call, and
// a repeated click uses the same one: -23 then says that it was there.
function refund(string $id): void
{
    $order = move($id, 'paid', ['state' => 'refunding', 'note' => '', 'refund' => new_refund_id()]);
    if ($order['state'] !== 'refunding') {
        return;
    }
    $answer = call('/v2/refund', [
        'm_refund_id' => $order['refund'], 'zp_trans_id' => $order['number'], 'amount' => $order['price'],
        'description' => 'Khách đổi ý', 'timestamp' => now_ms(),
    ]);
    $unsure = in_array($answer['sub_return_code'], [-23, -500]); // after any other refusal surely nothing was done
    if ($answer['return_code'] === 2 && !$unsure) {
        move($id, 'refunding', ['state' => 'paid', 'note' => refusal($answer)]);
    }
}

function see(string $location): void
{
    header('Location: ' . $location, true, 303);
}

function say(string $text, string $type = 'text/plain; charset=utf-8', int $status = 200): void
{
    http_response_code($status);
    header('Content-Type: ' . $type);
    echo $text;
}

// Leads to where an order is paid: the gateway's page, a QR for another device, or
// the wallet that was saved.
function buy(string $product, string $by): void
{
    if (!isset(PRODUCTS[$product])) {
        say('no such product', status: 400);
        return;
    }
    $order = create(PRODUCTS[$product], $by === 'wallet' ? 'AGREEMENT' : '');
    if ($order['state'] === 'waiting' && $by === 'wallet') {
        pay_by_wallet($order);
    }
    see($order['state'] === 'waiting' && $by === '' ? $order['url'] : '/orders/' . $order['id']);
}

// Asks the customer, at the gateway, whether the shop may charge the wallet.
function bind(): void
{
    $id = new_id();
    books(function (&$books) use ($id) { $books['asked'] = $id; });
    $answer = call('/v2/agreement/bind', [
        'app_trans_id' => $id, 'identifier' => CUSTOMER, 'binding_type' => 'WALLET', 'binding_data' => '{}', 'max_amount' => 0,
        'req_date' => now_ms(), 'callback_url' => SELF . '/callback', 'redirect_url' => SELF . '/wallet/back',
    ]);
    $answer['return_code'] === 1 ? see($answer['binding_qr_link']) : say(refusal($answer), status: 502);
}

// This address has no checksum, so it proves nothing: ask.
function back_from_binding(): void
{
    $answer = call('/v2/agreement/query', ['app_trans_id' => books(fn (&$books) => $books['asked']), 'req_date' => now_ms()]);
    if ($answer['return_code'] === 1) {
        bound(CUSTOMER, $answer['data']);
    }
    see('/');
}

function show(array $order): void
{
    try {
        sync($order);
    } catch (RuntimeException $error) {
        error_log($error->getMessage()); // the page says what is known
    }
    order_page(order($order['id']));
}

// What "sen certify" asks a test shop: to make an order, and how often it was delivered.
function serve_test(string $route): void
{
    if ($route === 'POST /test/order') {
        $order = create(PRODUCTS['tra']);
        say(json_encode(['app_trans_id' => $order['id'], 'amount' => $order['price']]), 'application/json');
    } else {
        say((string) (order($_GET['id'] ?? '')['deliveries'] ?? 0));
    }
}

function serve(string $method, string $path): void
{
    $order = preg_match('~^/orders/([^/]+)~', $path, $found) ? order($found[1]) : null;
    $route = $method . ' ' . ($order ? str_replace($order['id'], '*', $path) : $path);
    if (getenv('SHOP_TEST') && str_starts_with($path, '/test/')) {
        serve_test($route);
        return;
    }
    switch ($route) {
        case 'GET /':
            books(function (&$books) { home_page($books['orders'], $books['wallets'][CUSTOMER] ?? null); });
            break;
        case 'GET /shop.css':
            say(file_get_contents(__DIR__ . '/../shop.css'), 'text/css');
            break;
        case 'GET /qr.mjs':
            say(file_get_contents(__DIR__ . '/../qr.mjs'), 'text/javascript');
            break;
        case 'POST /buy':
            buy($_POST['product'] ?? '', $_POST['by'] ?? '');
            break;
        case 'GET /orders/*':
            show($order);
            break;
        case 'POST /orders/*/refund':
            refund($order['id']);
            see('/orders/' . $order['id']);
            break;
        case 'GET /back':
            // What the address says only chooses the page: the payer can keep it and open
            // it again. Whether the order is paid, the gateway says.
            good_redirect($_GET) ? see('/orders/' . $_GET['apptransid']) : say('Địa chỉ này đã bị sửa · This address was changed', status: 400);
            break;
        case 'POST /callback':
            say(json_encode(callback(file_get_contents('php://input'))), 'application/json');
            break;
        case 'GET /callback':
            say('callbacks are sent by POST', status: 405);
            break;
        case 'POST /wallet':
            bind();
            break;
        case 'GET /wallet/back':
            back_from_binding();
            break;
        case 'POST /wallet/forget':
            $wallet = forget_wallet();
            if ($wallet) {
                call('/v2/agreement/unbind', ['binding_id' => $wallet['binding'], 'identifier' => CUSTOMER, 'req_date' => now_ms()]);
            }
            see('/');
            break;
        case 'POST /sync':
            // Asks about everything that is open. Call it every minute or so, for those who
            // paid, closed the browser, and whose callback was lost.
            array_map(sync(...), books(fn (&$books) => $books['orders']));
            http_response_code(204);
            break;
        default:
            say('not found', status: 404);
    }
}

try {
    serve($_SERVER['REQUEST_METHOD'], parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?: '/');
} catch (Throwable $error) {
    error_log((string) $error);
    say($error->getMessage(), status: 502);
}
