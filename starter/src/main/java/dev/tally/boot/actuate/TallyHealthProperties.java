package dev.tally.boot.actuate;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * When Tally's health is DOWN.
 *
 * @param maxBacklogAge age of the oldest waiting message from which a person has to look; a broker that is away for less
 *     is none of their business. Holds for every reason for which tally.outbox.health.max-age says nothing, but for
 *     parked messages
 */
@ConfigurationProperties("tally.health")
record TallyHealthProperties(@DefaultValue("15m") Duration maxBacklogAge) {}
