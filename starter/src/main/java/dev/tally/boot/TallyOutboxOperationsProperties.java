package dev.tally.boot;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What people may do with the outbox.
 *
 * @param operations whether the endpoint tallyoutbox shows payloads and headers, and lets people edit, resume, discard and
 *     pause; without it, it shows the state and what is parked
 */
@ConfigurationProperties("tally.outbox")
record TallyOutboxOperationsProperties(
        @DefaultValue("false") boolean operations) {}
