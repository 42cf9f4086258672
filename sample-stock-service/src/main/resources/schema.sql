-- Written for H2 and PostgreSQL alike.
CREATE TABLE IF NOT EXISTS stock_item (
    sku      VARCHAR(64) NOT NULL PRIMARY KEY,
    on_hand  BIGINT      NOT NULL,
    reserved BIGINT      NOT NULL,
    version  BIGINT      NOT NULL,
    CHECK (reserved BETWEEN 0 AND on_hand)
);

CREATE SEQUENCE IF NOT EXISTS reservation_seq START WITH 1 INCREMENT BY 50;

CREATE TABLE IF NOT EXISTS reservation (
    id       BIGINT      NOT NULL PRIMARY KEY,
    order_id VARCHAR(64) NOT NULL,
    line_no  INTEGER     NOT NULL,
    sku      VARCHAR(64) NOT NULL,
    quantity INTEGER     NOT NULL
);
