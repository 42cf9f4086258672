-- Written for H2 and PostgreSQL alike.
CREATE TABLE IF NOT EXISTS orders (
    order_id    VARCHAR(64)  NOT NULL PRIMARY KEY,
    customer_id VARCHAR(64),
    country     VARCHAR(64),
    status      VARCHAR(16)  NOT NULL,
    placed_via  VARCHAR(16)  NOT NULL,
    reason      VARCHAR(500),
    version     BIGINT       NOT NULL
);

CREATE INDEX IF NOT EXISTS orders_by_status ON orders (status, order_id);

CREATE TABLE IF NOT EXISTS order_line (
    order_id    VARCHAR(64)   NOT NULL REFERENCES orders,
    line_no     INTEGER       NOT NULL,
    sku         VARCHAR(64)   NOT NULL,
    description VARCHAR(255),
    quantity    INTEGER       NOT NULL,
    unit_price  NUMERIC(19,4) NOT NULL,
    PRIMARY KEY (order_id, line_no)
);

CREATE SEQUENCE IF NOT EXISTS payment_seq START WITH 1 INCREMENT BY 50;

CREATE TABLE IF NOT EXISTS payment (
    id       BIGINT        NOT NULL PRIMARY KEY,
    order_id VARCHAR(64)   NOT NULL,
    kind     VARCHAR(16)   NOT NULL,
    amount   NUMERIC(38,4) NOT NULL
);

CREATE INDEX IF NOT EXISTS payment_by_order ON payment (order_id);
