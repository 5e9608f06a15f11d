# Thirty more, written after what the first sixty had missed was mended.
use strict;
use warnings;
use utf8;
use Digest::SHA qw(hmac_sha256_hex hmac_sha256_base64 sha256_hex hmac_sha512_hex hmac_sha384_hex);
use Encode qw(encode);
use JSON::PP;
my ($k1, $k2) = ('ejKNaRmcrufs7Rx6sC7t8jIyl2fINVcO', '9HZqtlWLOEaYxVlXFFGrfnZqbehYsPAD');
my $t   = 1795360000007;
my $out = JSON::PP->new->utf8->canonical;
my $js  = JSON::PP->new->canonical;
sub b { encode('UTF-8', $_[0]) }
sub mac { hmac_sha256_hex(b($_[0]), b($_[1] // $k1)) }
sub emit {
    my ($op, $f, $mac, $cause, $json) = @_;
    my %f = (%$f, mac => $mac);
    my $body = $json ? $js->encode(\%f) : join '&', map { my $v = b($f{$_}); $v =~ s/([^A-Za-z0-9\-_.~])/sprintf '%%%02X', ord $1/ge; "$_=$v" } sort keys %f;
    print $out->encode({ language => 'held2-perl', operation => $op, app_id => 1274, cause => $cause, body => $body,
        content_type => $json ? 'application/json' : 'application/x-www-form-urlencoded' }), "\n";
}
my $bind = { app_id => 1274, app_trans_id => '261122_B1', req_date => $t, identifier => 'khách 1', max_amount => 500000, binding_type => 'WALLET', binding_data => '{"k":"Trà","n":1}' };
my @b = qw(app_id app_trans_id binding_data binding_type identifier max_amount req_date);
sub bt { my %c = (%$bind, @_); join '|', map { $c{$_} } @b }
emit('create_binding_wallet', $bind, mac(bt(max_amount => '500,000')), 'number_format', 1);
emit('create_binding_wallet', $bind, mac(bt(max_amount => '500000.00')), 'number_format');
emit('create_binding_wallet', $bind, mac(bt(binding_data => '{"n":1,"k":"Trà"}')), 'json_key_order', 1);
emit('create_binding_wallet', $bind, mac(bt(binding_data => '{"k": "Tr\u00e0", "n": 1}')), 'json_reserialised');
emit('create_binding_wallet', $bind, mac(bt(binding_data => '')), 'member_empty', 1);
emit('create_binding_wallet', $bind, mac(bt(binding_type => 'wallet')), 'value_case', 1);
emit('create_binding_wallet', $bind, mac(bt(req_date => $t + 15)), 'time_taken_twice');
emit('create_binding_wallet', $bind, mac(bt(identifier => 'khach 1')), 'accents');
emit('create_binding_wallet', $bind, mac(bt(identifier => 'kh%C3%A1ch%201')), 'url_encoded');
emit('create_binding_wallet', $bind, mac(bt(), $k2), 'key2');
emit('create_binding_wallet', $bind, mac(join('|', map { $bind->{$_} } qw(app_id app_trans_id req_date identifier max_amount binding_type binding_data))), 'order_of_members', 1);
emit('create_binding_wallet', $bind, mac(join('|', map { $bind->{$_} } grep { $_ ne 'binding_data' } @b)), 'member_missing', 1);
emit('create_binding_wallet', $bind, hmac_sha256_base64(b(bt()), $k2) . '=', 'mac_base64+key2', 1);
my $r = { app_id => 1274, m_refund_id => '261122_1274_r', zp_trans_id => '261122000000777', amount => 25000, timestamp => $t, description => 'Trả "hàng"', refund_fee_amount => 1000 };
my @r = qw(app_id zp_trans_id amount refund_fee_amount description timestamp);
sub rt { my %c = (%$r, @_); join '|', map { $c{$_} } @r }
emit('refund_order', $r, mac(rt(timestamp => int($t / 1000))), 'time_unit');
emit('refund_order', $r, mac(rt(refund_fee_amount => '1000.0', amount => '25000.0')), 'number_format', 1);
emit('refund_order', $r, mac(rt(description => 'Trả \"hàng\"')), 'json_double_encoded', 1);
emit('refund_order', $r, mac(rt(description => 'Trả &quot;hàng&quot;')), 'html_entities');
emit('refund_order', $r, mac(rt() . "|$k1"), 'key1_added');
emit('refund_order', $r, mac(join '|', map { $r->{$_} } qw(app_id m_refund_id zp_trans_id amount refund_fee_amount description timestamp)), 'member_extra');
emit('refund_order', $r, mac(join '|', map { $r->{$_} } qw(app_id zp_trans_id amount description timestamp refund_fee_amount)), 'order_of_members');
emit('refund_order', $r, hmac_sha384_hex(b(rt()), $k1), 'other_hash', 1);
emit('refund_order', $r, mac(rt(), "$k1\n"), 'key_padded', 1);
emit('refund_order', $r, mac(rt(), "$k1$k1"), 'unknown', 1);
my $p = { app_id => 1274, identifier => 'k1', zp_trans_token => 'ACabc', pay_token => 'pt9', req_date => $t };
emit('pay_by_token_wallet', $p, mac("1274|k1|ACabc|pt9"), 'member_missing');
emit('pay_by_token_wallet', $p, mac("1274&k1&ACabc&pt9&$t"), 'separator');
emit('pay_by_token_wallet', $p, mac("1274|k1|acabc|pt9|$t"), 'value_case', 1);
emit('pay_by_token_wallet', $p, mac("1274|k1|pt9|ACabc|$t", $k2), 'key2+order_of_members', 1);
emit('query_user_info', { app_id => 1274, access_token => 'a+b/c=', req_date => $t }, mac("1274|a b/c=|$t"), 'plus_as_space', 1);
emit('query_user_info', { app_id => 1274, access_token => 'a+b/c=', req_date => $t }, mac("1274|a%2Bb%2Fc%3D|$t"), 'url_encoded');
emit('query_user_info', { app_id => 1274, access_token => 'a+b/c=', req_date => $t }, sha256_hex(b("1274|a+b/c=|$t$k1")), 'plain_hash');
