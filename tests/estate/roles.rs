// Of the Compose projects that others wrote, for the tests that read them and those that run them.

/// The role of every service, by file.
const ROLES: &[(&str, &[(&str, &str)])] = &[
    ("angular", &[("web", "web-service")]),
    (
        "aspnet-mssql",
        &[("web", "web-service"), ("db", "database")],
    ),
    (
        "elasticsearch-logstash-kibana",
        &[
            ("elasticsearch", "database"),
            ("logstash", "web-service"),
            ("kibana", "web-service"),
        ],
    ),
    ("flask", &[("web", "web-service")]),
    (
        "gitea-postgres",
        &[("gitea", "web-service"), ("db", "database")],
    ),
    (
        "nextcloud-postgres",
        &[("nc", "web-service"), ("db", "database")],
    ),
    (
        "nginx-aspnet-mysql",
        &[
            ("backend", "worker"),
            ("db", "database"),
            ("proxy", "edge-proxy"),
        ],
    ),
    (
        "nginx-flask-mysql",
        &[
            ("db", "database"),
            ("backend", "web-service"),
            ("proxy", "edge-proxy"),
        ],
    ),
    (
        "nginx-golang-mysql",
        &[
            ("backend", "worker"),
            ("db", "database"),
            ("proxy", "edge-proxy"),
        ],
    ),
    (
        "nginx-nodejs-redis",
        &[
            ("redis", "cache"),
            ("web1", "web-service"),
            ("web2", "web-service"),
            ("nginx", "edge-proxy"),
        ],
    ),
    (
        "pihole-cloudflared-DoH",
        &[("cloudflared", "web-service"), ("pihole", "web-service")],
    ),
    ("portainer", &[("portainer", "web-service")]),
    (
        "prometheus-grafana",
        &[("prometheus", "web-service"), ("grafana", "web-service")],
    ),
    (
        "react-express-mysql",
        &[
            ("backend", "web-service"),
            ("db", "database"),
            ("frontend", "web-service"),
        ],
    ),
    ("react-nginx", &[("frontend", "web-service")]),
    ("sparkjava", &[("sparkjava", "web-service")]),
    (
        "spring-postgres",
        &[("backend", "web-service"), ("db", "database")],
    ),
    ("vuejs", &[("web", "web-service")]),
    (
        "wasmedge-mysql-nginx",
        &[
            ("frontend", "edge-proxy"),
            ("backend", "web-service"),
            ("db", "database"),
        ],
    ),
    (
        "wordpress-mysql",
        &[("db", "database"), ("wordpress", "web-service")],
    ),
];
