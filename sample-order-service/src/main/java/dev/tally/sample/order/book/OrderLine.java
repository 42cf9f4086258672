package dev.tally.sample.order.book;

import jakarta.persistence.Embeddable;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * A line of an order.
 *
 * @param sku the product code
 * @param description what the customer reads on the invoice
 * @param quantity how many, at least 1
 * @param unitPrice the price of one
 * @since 0.1
 */
@Embeddable
public record OrderLine(String sku, @Nullable String description, int quantity, BigDecimal unitPrice) {}
