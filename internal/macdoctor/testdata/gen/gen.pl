# Broken requests in the ways of Perl clients. Prints one JSON record a line.
use strict;
use warnings;
use utf8;
use Digest::SHA qw(hmac_sha256_hex hmac_sha256_base64 hmac_sha1_hex hmac_sha512_hex sha256_hex hmac_sha256);
use Encode qw(encode decode);
use JSON::PP;
use Unicode::Normalize qw(NFC NFD);

my ($key1, $key2) = ('PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL', 'kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz');
my $k2554 = 'sdngKKJmqEMzvh5QQcdD2A9XBSKUNaYn';
my $now   = 1795345180481;
my @names = qw(app_id app_trans_id app_user amount app_time embed_data item);
my $out   = JSON::PP->new->utf8->canonical;
my $plain = JSON::PP->new->canonical;

sub bytes { encode('UTF-8', $_[0]) }
sub mac { my ($text, $key) = @_; hmac_sha256_hex(bytes($text), bytes(defined $key ? $key : $key1)) }

sub escape {
    my ($v, $plus) = @_;
    $v = bytes($v);
    $v =~ s/([^A-Za-z0-9\-_.~ ])/sprintf '%%%02X', ord $1/ge;
    $plus ? $v =~ s/ /+/g : $v =~ s/ /%20/g;
    return $v;
}

sub emit {
    my ($op, $fields, $cause, $how, $app) = @_;
    $how ||= 'form';
    my %r = (language => 'perl', operation => $op, app_id => $app || 2553, cause => $cause);
    if ($how eq 'json') {
        $r{content_type} = 'application/json';
        $r{body}         = $plain->encode($fields);
    }
    elsif ($how eq 'ascii') {
        $r{content_type} = 'application/json';
        $r{body}         = JSON::PP->new->ascii->canonical->encode($fields);
    }
    else {
        $r{content_type} = 'application/x-www-form-urlencoded';
        $r{ $how eq 'query' ? 'query' : 'body' } = join '&', map { "$_=" . escape($fields->{$_}, $how eq 'form') } sort keys %$fields;
    }
    print $out->encode(\%r), "\n";
}

my $embed = { redirecturl => 'http://shop.example/x', columninfo => 'Hoa sen & trà' };
my $item  = [ { id => 7, name => 'Trà sen', price => 45000 } ];

sub order {
    return {
        app_id => 2553, app_user => 'Đỗ Văn Khánh', app_trans_id => '261122_pl9', app_time => $now, amount => 45000,
        embed_data => $plain->encode($embed), item => $plain->encode($item), description => 'Trà', bank_code => '', @_,
    };
}
sub text { my ($o, @n) = @_; @n = @names unless @n; join '|', map { $o->{$_} // '' } @n }

sub create {
    my ($cause, $f, $how, %over) = @_;
    my $o = order(%over);
    $o->{mac} = $f->({%$o});
    emit('create_order', $o, $cause, $how);
}
sub changed { my ($o, %c) = @_; text({ %$o, %c }) }

create('key2', sub { mac(text($_[0]), $key2) }, 'json');
create('key_padded', sub { mac(text($_[0]), "$key1\n") });
create('key_padded', sub { mac(text($_[0]), "\t$key1") });
create('key_truncated', sub { mac(text($_[0]), substr $key1, 0, 31) });
create('key_case', sub { mac(text($_[0]), lc $key1) });
create('other_app_key', sub { mac(text($_[0]), $k2554) });
create('key_placeholder', sub { mac(text($_[0]), 'key1') });
create('json_spacing', sub { my $o = shift; mac(changed($o, embed_data => JSON::PP->new->canonical->pretty->encode($embed) =~ s/\n\z//r)) });
create('json_spacing', sub { my $o = shift; mac(changed($o, item => JSON::PP->new->canonical->space_after->space_before(0)->encode($item))) });
create('json_escapes', sub { my $o = shift; mac(changed($o, embed_data => JSON::PP->new->canonical->ascii->encode($embed), item => JSON::PP->new->canonical->ascii->encode($item))) }, 'json');
create('json_escapes', sub { my $o = shift; mac(changed($o, embed_data => JSON::PP->new->canonical->ascii->encode($embed))) });
create('json_key_order', sub { my $o = shift; mac(changed($o, embed_data => '{"redirecturl":"http://shop.example/x","columninfo":"Hoa sen & trà"}')) });
create('mojibake', sub { my $o = shift; hmac_sha256_hex(bytes(decode('latin1', bytes(text($o)))), $key1) }, 'json');
create('charset', sub { my $o = shift; hmac_sha256_hex(encode('iso-8859-1', text($o)), $key1) });
create('charset', sub { my $o = shift; hmac_sha256_hex(encode('UTF-16LE', text($o)), $key1) });
create('unicode_form', sub { my $o = shift; mac(changed($o, app_user => NFD($o->{app_user}))) }, 'json');
create('unicode_form', sub { my $o = shift; mac(NFC(text($o))) }, 'ascii', app_user => NFD('Đỗ Văn Khánh'));
create('mac_base64', sub { hmac_sha256_base64(bytes(text($_[0])), $key1) });
create('other_hash', sub { hmac_sha1_hex(bytes(text($_[0])), $key1) });
create('other_hash', sub { hmac_sha512_hex(bytes(text($_[0])), $key1) }, 'json');
create('plain_hash', sub { sha256_hex(bytes($key1 . text($_[0]))) });
create('arguments_swapped', sub { hmac_sha256_hex($key1, bytes(text($_[0]))) });
create('order_of_members', sub { my $o = shift; mac(text($o, sort @names)) });
create('order_of_members', sub { my $o = shift; mac(text($o, reverse @names)) });
create('order_of_members', sub { my $o = shift; mac(text($o, @names[ 1, 0, 2 .. 6 ])) });
create('member_missing', sub { my $o = shift; mac(text($o, @names[ 0, 1, 3 .. 6 ])) });
create('member_missing', sub { my $o = shift; mac(text($o, @names[ 0 .. 4 ])) }, 'json');
create('member_extra', sub { my $o = shift; mac(text($o, @names, 'description')) });
create('separator', sub { my $o = shift; mac(text($o) =~ s/\|/,/gr) }, 'form', embed_data => '{}', item => '[]', app_user => 'a');
create('separator', sub { my $o = shift; mac(text($o) =~ s/\|/;/gr) }, 'json', embed_data => '{}', item => '[]', app_user => 'a');
create('names_in_text', sub { my $o = shift; mac(join '&', map { "$_=$o->{$_}" } @names) });
create('number_format', sub { my $o = shift; mac(changed($o, amount => sprintf '%.1f', $o->{amount})) });
create('number_format', sub { my $o = shift; mac(changed($o, amount => sprintf '%e', $o->{amount})) });
create('number_format', sub { my $o = shift; mac(changed($o, app_time => "$now.0")) });
create('quoted_value', sub { my $o = shift; mac(changed($o, app_id => '"2553"')) }, 'json');
create('time_unit', sub { my $o = shift; mac(changed($o, app_time => int($now / 1000))) });
create('time_unit', sub { my $o = shift; mac(changed($o, app_time => $now * 1000)) });
create('time_zone', sub { my $o = shift; mac(changed($o, app_time => $now - 7 * 3600 * 1000)) });
create('time_taken_twice', sub { my $o = shift; mac(changed($o, app_time => $now + 42)) });
create('null_in_text', sub { my $o = shift; mac(changed($o, embed_data => 'null')) });
create('member_empty', sub { my $o = shift; mac(changed($o, app_user => undef)) });
create('empty_or_default', sub { my $o = shift; mac(changed($o, item => '')) }, 'json', embed_data => '{}', item => '[]');
create('url_encoded', sub { my $o = shift; mac(join '|', map { escape($o->{$_}, 0) } @names) }, 'query');
create('url_encoded', sub { my $o = shift; mac(join '|', map { escape($o->{$_}, 1) } @names) });
create('plus_as_space', sub { my $o = shift; mac(changed($o, app_user => 'Do+Van+Khanh')) }, 'form', app_user => 'Do Van Khanh', embed_data => '{}', item => '[]');
create('newline', sub { mac(text($_[0]) . "\n") });
create('spaces', sub { mac(text($_[0]) . ' ') });
create('literal_names', sub { mac(join '|', @names) });
create('hash_twice', sub { hmac_sha256_hex(hmac_sha256_hex(bytes(text($_[0])), $key1), $key1) });
create('key2+number_format', sub { my $o = shift; mac(changed($o, amount => '45000.0'), $key2) });
create('order_of_members+time_unit', sub { my $o = shift; mac(text({ %$o, app_time => int($now / 1000) }, @names[ 0 .. 4, 6, 5 ])) });

my $q = { app_id => 2553, app_trans_id => '261122_pl9' };
emit('query_order', { %$q, mac => mac('2553|261122_pl9') }, 'key1_missing');
emit('query_order', { %$q, mac => mac("2553|261122_pl9|$key2", $key2) }, 'key2');
emit('cancel_order', { %$q, mac => mac("261122_pl9|2553|$key1") }, 'order_of_members');
emit('cancel_order', { %$q, mac => mac("2553|261121_pl9|$key1") }, 'time_zone', 'json');
my $u = { app_id => 2554, identifier => 'u 1', binding_id => 'b1', req_date => $now };
emit('unbinding_wallet', { %$u, mac => mac("2554|u 1|b1|$now") }, 'other_app_key', 'form', 2554);
emit('unbinding_wallet', { %$u, mac => mac("2554|u+1|b1|$now", $k2554) }, 'plus_as_space', 'form', 2554);
emit('unbinding_wallet', { %$u, mac => mac("2554|u 1|b1|" . int($now / 1000), $k2554) }, 'time_unit', 'form', 2554);
my $b = { app_id => 2554, app_trans_id => '261122_b', req_date => $now, identifier => 'u1', binding_type => 'WALLET' };
emit('create_binding_wallet', { %$b, mac => mac("2554|261122_b|WALLET|u1|$now", $k2554) }, 'member_missing', 'json', 2554);
emit('create_binding_wallet', { %$b, mac => mac("2554|261122_b|null|WALLET|u1|null|$now", $k2554) }, 'null_in_text', 'json', 2554);
emit('create_binding_wallet', { %$b, mac => mac("2554|261122_b||WALLET|u1|0|$now", $k2554) }, 'empty_or_default', 'form', 2554);
emit('create_binding_wallet', { %$b, mac => mac("2554|261122_b|{}|WALLET|u1||$now", $k2554) }, 'empty_or_default', 'form', 2554);
for my $i (0 .. 5) {
    my $nobody = sha256_hex("perl $i");
    if   ($i % 2) { emit('unbinding_wallet', { %$u, mac => $nobody }, 'unknown', 'form', 2554) }
    else          { create('unknown', sub { $nobody }, (qw(form json query))[ $i / 2 ]) }
}
