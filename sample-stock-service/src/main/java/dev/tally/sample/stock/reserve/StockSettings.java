package dev.tally.sample.stock.reserve;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the stock.
 *
 * @param initial how many pieces there are of a product that is asked for the first time; 1,000 by default
 */
@ConfigurationProperties("sample.stock")
record StockSettings(@DefaultValue("1000") long initial) {}
