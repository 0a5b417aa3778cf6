"""The proxies that we compare with: nginx, HAProxy and Envoy.

All do the same work: one host, the prefix "/", one backend over kept-alive HTTP/1.1, with
X-Forwarded-For and X-Request-Id added; everything else is answered with 404. HAProxy's TCP mode
knows none of that: it is the price of moving bytes.
"""

import json
import shutil

from .prepare import ENVOY
from .subject import HOST, Subject

MAX_CONNECTIONS = 12000


class Nginx(Subject):
    """request_id=False leaves out X-Request-Id, which nginx takes from OpenSSL at some cost."""

    def __init__(self, name, logs=False, buffered=False, workers=1, request_id=True):
        self.name, self.logs, self.workers = name, logs, workers
        self.log_options = " buffer=64k flush=1s" if buffered else ""
        self.request_id = "proxy_set_header X-Request-Id $request_id;" if request_id else ""
        if not request_id:
            self.added_headers = ("x-forwarded-for",)

    def missing(self):
        return None if shutil.which("nginx") else "nginx is not installed"

    def command(self, place):
        config = place.folder / "nginx.conf"
        config.write_text(self.config(place))
        return ["nginx", "-p", place.folder, "-c", config, "-e", place.folder / "error.log"]

    def config(self, place):
        log = f"{place.log} combined{self.log_options}" if self.logs else "off"
        listen = f"127.0.0.1:{place.port}" + (" reuseport" if self.workers > 1 else "")
        temporary = "".join(f"    {kind}_temp_path {place.folder}/{kind};\n" for kind in
                            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return f"""\
user root;
daemon off;
worker_processes {self.workers};
pid {place.folder}/pid;
events {{ worker_connections {MAX_CONNECTIONS}; }}
http {{
    access_log {log};
{temporary}    keepalive_requests 1000000000;
    keepalive_timeout 3600s;
    upstream backend {{
        server 127.0.0.1:{place.backend_port};
        keepalive 128;
        keepalive_requests 1000000000;
        keepalive_timeout 3600s;
    }}
    server {{
        listen {listen} default_server;
        return 404;
    }}
    server {{
        listen 127.0.0.1:{place.port};
        server_name {HOST};
        location / {{
            proxy_pass http://backend;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            {self.request_id}
        }}
    }}
}}
"""


class Haproxy(Subject):
    def __init__(self, name, logs=False, tcp=False):
        self.name, self.logs, self.routes = name, logs, not tcp

    def missing(self):
        return None if shutil.which("haproxy") else "haproxy is not installed"

    def command(self, place):
        config = place.folder / "haproxy.cfg"
        config.write_text(self.config(place))
        command = ["haproxy", "-db", "-f", config]
        return ["sh", "-c", 'log=$1; shift; exec "$@" >"$log"', "sh", place.log, *command]

    def config(self, place):
        log = "log stdout format raw local0 info" if self.logs else ""
        return f"""\
global
    nbthread 1
    maxconn {MAX_CONNECTIONS}
    no strict-limits
    {log}
defaults
    timeout connect 5s
    timeout client 1h
    timeout server 1h
    timeout http-keep-alive 1h
{self.http_sections(place) if self.routes else self.tcp_sections(place)}"""

    def http_sections(self, place):
        log = "log global\n    option httplog" if self.logs else ""
        return f"""\
    mode http
frontend traffic
    bind 127.0.0.1:{place.port}
    {log}
    option forwardfor
    http-request set-header X-Forwarded-Proto http
    unique-id-format %[uuid()]
    unique-id-header X-Request-Id
    use_backend bench if {{ hdr(host) -i {HOST} }} {{ path_beg / }}
    default_backend none
backend bench
    server bench 127.0.0.1:{place.backend_port}
backend none
    http-request return status 404
"""

    def tcp_sections(self, place):
        return f"""\
    mode tcp
frontend traffic
    bind 127.0.0.1:{place.port}
    default_backend bench
backend bench
    server bench 127.0.0.1:{place.backend_port}
"""


class Envoy(Subject):
    def __init__(self, name, logs=False):
        self.name, self.logs = name, logs

    def missing(self):
        return None if ENVOY.exists() else "Envoy is not installed"

    def command(self, place):
        config = place.folder / "envoy.json"
        config.write_text(json.dumps(self.config(place), indent=1))
        return [ENVOY, "-c", config, "--concurrency", "1", "--disable-hot-restart",
                "--log-level", "error"]

    def config(self, place):
        return {"static_resources": {"listeners": [self.listener(place)],
                                     "clusters": [self.cluster(place)]}}

    def listener(self, place):
        manager = {
            "@type": type_url("filters.network.http_connection_manager.v3.HttpConnectionManager"),
            "stat_prefix": "bench",
            "use_remote_address": True,
            "route_config": {"virtual_hosts": [{
                "name": "bench", "domains": [HOST],
                "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "bench"}}],
            }]},
            "http_filters": [{
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": type_url("filters.http.router.v3.Router")},
            }],
        }
        if self.logs:
            manager["access_log"] = [{
                "name": "envoy.access_loggers.file",
                "typed_config": {"@type": type_url("access_loggers.file.v3.FileAccessLog"),
                                 "path": str(place.log)},
            }]
        return {
            "name": "traffic", "address": address(place.port),
            "filter_chains": [{"filters": [{
                "name": "envoy.filters.network.http_connection_manager", "typed_config": manager,
            }]}],
        }

    def cluster(self, place):
        endpoint = {"endpoint": {"address": address(place.backend_port)}}
        return {
            "name": "bench", "type": "STATIC", "connect_timeout": "5s",
            "load_assignment": {"cluster_name": "bench",
                                "endpoints": [{"lb_endpoints": [endpoint]}]},
        }


def type_url(name):
    return f"type.googleapis.com/envoy.extensions.{name}"


def address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
