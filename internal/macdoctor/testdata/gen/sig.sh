#!/bin/sh
# Payouts whose sig is wrong, as openssl makes them: sh sig.sh > ../sig-openssl.jsonl
set -eu
here=$(dirname "$0")
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
{ echo '-----BEGIN PRIVATE KEY-----'; cat "$here/../../../sandbox/disbursement_key.txt"; echo '-----END PRIVATE KEY-----'; } >"$dir/key.pem"
KEY1=PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL
text='2553|default|sh-1|abc123|10000|pay|{}|{}|1795345088221'
mac=$(printf %s "$text" | openssl dgst -sha256 -hmac $KEY1 -r | cut -d' ' -f1)

say() { # CAUSE SIG
  printf '{"language":"openssl","operation":"disbursement_topup","app_id":2553,"cause":"%s","content_type":"application/json","body":"{\\"app_id\\":\\"2553\\",\\"payment_id\\":\\"default\\",\\"partner_order_id\\":\\"sh-1\\",\\"m_u_id\\":\\"abc123\\",\\"amount\\":\\"10000\\",\\"description\\":\\"pay\\",\\"partner_embed_data\\":\\"{}\\",\\"extra_info\\":\\"{}\\",\\"time\\":\\"1795345088221\\",\\"sig\\":\\"%s\\"}"}\n' "$1" "$2"
}
sign() { openssl dgst "$@" -sign "$dir/key.pem" | openssl base64 -A; }

say good "$(printf %s "$mac" | sign -sha256)"
say sig_mac_padded "$(echo "$mac" | sign -sha256)"                                      # echo adds a line end
say sig_plain_text "$(printf %s "$text" | sign -sha256)"
say sig_plain_text+newline "$(echo "$text" | sign -sha256)"
say sig_other_hash "$(printf %s "$mac" | sign -sha1)"
say sig_pss "$(printf %s "$mac" | sign -sha256 -sigopt rsa_padding_mode:pss)"
say sig_no_digest "$(printf %s "$mac" | openssl pkeyutl -sign -inkey "$dir/key.pem" | openssl base64 -A)"
say sig_no_digest "$(printf %s "$mac" | openssl dgst -sha256 -binary | openssl pkeyutl -sign -inkey "$dir/key.pem" | openssl base64 -A)"
say newline "$(printf %s "$(echo "$text" | openssl dgst -sha256 -hmac $KEY1 -r | cut -d' ' -f1)" | sign -sha256)"
say sig_hex "$(printf %s "$mac" | openssl dgst -sha256 -sign "$dir/key.pem" | od -An -tx1 | tr -d ' \n')"
