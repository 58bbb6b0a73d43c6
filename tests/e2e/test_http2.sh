#!/bin/sh
# Feeds over HTTP/2 and TLS, in each of the encodings that a real server has: nginx. Without it there is nothing to do. $1: build folder. TAP.
set -u
. "$(dirname "$0")/lib.sh"
begin "$1"

nginx=$(PATH=$PATH:/usr/sbin command -v nginx) || skip_all "nginx is not installed (make bench does that)"
"$nginx" -V 2>&1 | grep -q http_v2_module || skip_all "nginx has no HTTP/2 here"

port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout "$T/key.pem" -out "$T/ca.pem" \
	-subj /CN=gazetted -addext subjectAltName=IP:127.0.0.1 2>/dev/null

seq 1 40 | sed 's/.*/& A piece of news, number &/' | write_feed plain
gzip -c "$T/www/plain.rss" >"$T/www/gzip.rss"
zstd -q -c "$T/www/plain.rss" >"$T/www/zstd.rss"
# The encoder of the library that libcurl decodes with.
python3 - "$T/www/plain.rss" "$T/www/br.rss" <<'END'
import ctypes
import sys
with open(sys.argv[1], "rb") as f:
    plain = f.read()
size = ctypes.c_size_t(len(plain) + 1024)
out = ctypes.create_string_buffer(size.value)
done = ctypes.CDLL("libbrotlienc.so.1").BrotliEncoderCompress(9, 22, 0, ctypes.c_size_t(len(plain)), plain, ctypes.byref(size), out)
with open(sys.argv[2], "wb") as f:
    f.write(out.raw[:size.value] if done else b"")
END

location() { # NAME [ENCODING]
	echo "location = /$1.rss { ${2:+add_header Content-Encoding $2;} }"
}
cat >"$T/nginx.conf" <<END
daemon off; worker_processes 1; pid $T/nginx.pid; error_log $T/nginx.log;
$([ "$(id -u)" -ne 0 ] || echo 'user root;')
events { worker_connections 64; }
http {
	log_format asked '\$server_protocol \$status \$uri \$connection';
	access_log $T/asked asked; root $T/www; default_type application/rss+xml; etag on;
	client_body_temp_path $T/t1; proxy_temp_path $T/t2; fastcgi_temp_path $T/t3; uwsgi_temp_path $T/t4; scgi_temp_path $T/t5;
	server {
		listen 127.0.0.1:$port ssl http2; ssl_certificate $T/ca.pem; ssl_certificate_key $T/key.pem;
		$(location plain) $(location gzip gzip) $(location br br) $(location zstd zstd)
	}
}
END
"$nginx" -e "$T/nginx.log" -c "$T/nginx.conf" 2>>"$T/nginx.log" &
started="$started $!"
answers() {
	curl -sS -o /dev/null --cacert "$T/ca.pem" "https://127.0.0.1:$port/none" 2>/dev/null
}
wait_for answers || { echo "Bail out! nginx does not start: $(tail -n 1 "$T/nginx.log")"; exit 99; }

asked() { # LINE-BEGINNING: how often
	grep -c "^$1 " "$T/asked"
}

write_conf
encodings="plain gzip br zstd"
for encoding in $encodings; do
	add_feed "$encoding" "https://127.0.0.1:$port/$encoding.rss" "ca_file: $T/ca.pem"
done
poll_once
is "gazetted -1 ends with 0" "$status" 0
for encoding in $encodings; do
	check "$encoding: all its items" has_poll "$encoding" '"result":"ok","items":40'
	is "$encoding: over HTTP/2" "$(asked "HTTP/2.0 200 /$encoding.rss")" 1
done
check "compressed ones are fewer bytes" sh -c '[ "$(sed -n "s/.*\"feed\":\"br\".*\"bytes\":\([0-9]*\).*/\1/p" "$1")" -lt "$2" ]' \
	sh "$polls" "$(($(wc -c <"$T/www/plain.rss") / 4))"

poll_once
for encoding in $encodings; do
	is "$encoding: unchanged the second time" "$(asked "HTTP/2.0 304 /$encoding.rss")" 1
done

python3 "$root/tests/e2e/h2_padding.py" "$T/ca.pem" "$T/key.pem" "$T/padding" 2>"$T/padding.log" &
started="$started $!"
wait_check "a server that pads for ever is there" [ -s "$T/padding" ]
add_feed padded "https://127.0.0.1:$(cat "$T/padding")/x" "ca_file: $T/ca.pem"
poll_once
check "padding around the body is bounded" has_poll padded 'in far more bytes of chunk lengths, extensions or padding'

plan
