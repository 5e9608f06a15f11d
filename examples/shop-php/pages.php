<?php
// The pages of the shop.

const SAID = [
    'waiting' => 'chờ thanh toán · waiting', 'paid' => 'đã thanh toán · paid', 'failed' => 'không thành · failed',
    'refunding' => 'đang hoàn tiền · being refunded', 'refunded' => 'đã hoàn tiền · refunded',
];

function dong(int $amount): string
{
    return number_format($amount, 0, ',', '.') . ' ₫';
}

function safe(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES);
}

function page_top(bool $again = false): void
{ ?>
<!doctype html>
<html lang="vi">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Quán Sen · PHP</title>
<link rel="stylesheet" href="/shop.css">
<?php if ($again) { ?><meta http-equiv="refresh" content="5"><?php }
}

function state_of(array $order): void
{ ?>
<span id="<?= $order['id'] ?>" class="state <?= $order['state'] ?>"><?= SAID[$order['state']] ?></span>
<?php if ($order['note']) { ?><p class="note"><?= safe($order['note']) ?><?php } ?>
<?php if (in_array($order['state'], ['paid', 'refunding'])) { ?>
  <form method="post" action="/orders/<?= $order['id'] ?>/refund"><button>Hoàn tiền · Refund</button></form>
<?php }
}

function home_page(array $orders, ?array $wallet): void
{
    page_top(); ?>
<h1>Quán Sen</h1>
<ul>
<?php foreach (PRODUCTS as $id => $product) { ?>
  <li><span class="sum"><?= dong($product['price']) ?></span><?= safe($product['name']) ?>
    <form method="post" action="/buy">
      <input type="hidden" name="product" value="<?= $id ?>">
      <button class="first">Mua · Buy</button>
      <button name="by" value="qr">QR</button>
      <?php if ($wallet) { ?><button name="by" value="wallet">Ví · Wallet <?= safe($wallet['phone']) ?></button><?php } ?>
    </form>
<?php } ?>
</ul>
<section>
<?php if ($wallet) { ?>
  Ví đã lưu · Saved wallet: <b id="wallet"><?= safe($wallet['phone']) ?></b>
  <form method="post" action="/wallet/forget"><button>Bỏ ví này · Forget it</button></form>
<?php } else { ?>
  <form method="post" action="/wallet"><button>Lưu ví cho lần sau · Save my wallet for next time</button></form>
<?php } ?>
</section>
<h2>Đơn hàng · Orders</h2>
<ul>
<?php foreach (array_reverse($orders) as $order) { ?>
  <li><span class="sum"><?= dong($order['price']) ?></span><a href="/orders/<?= $order['id'] ?>"><?= safe($order['name']) ?></a><br>
    <?php state_of($order);
} ?>
<?php if (!$orders) { ?><li>Chưa có đơn nào · None yet<?php } ?>
</ul>
<?php }

function order_page(array $order): void
{
    page_top(in_array($order['state'], ['waiting', 'refunding'])); ?>
<h1><?= safe($order['name']) ?></h1>
<section><span class="sum"><?= dong($order['price']) ?></span><?php state_of($order); ?>
<?php if ($order['state'] === 'waiting' && $order['url']) { ?>
  <p><a class="button" href="<?= safe($order['url']) ?>">Thanh toán · Pay</a>
  <p>Hoặc quét mã bằng ví · Or scan this with the wallet:
  <div data-qr="<?= safe($order['url']) ?>"></div>
<?php } ?>
</section>
<a href="/">← Quán · Shop</a>
<script type="module" src="/qr.mjs"></script>
<?php }
