package dev.tally.boot.transport;

import io.lettuce.core.AbstractRedisClient;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Makes a client to where the application's connection factory leads, as Spring Data Redis makes its own: with the same
 * addresses, sentinels or cluster nodes, credentials, TLS and resources. The transport needs one that it can tell how to
 * deal with lost connections, which is not the application's business.
 */
final class RedisClientOfItsOwn {

    private RedisClientOfItsOwn() {}

    /** Connects to nothing yet. */
    static AbstractRedisClient like(LettuceConnectionFactory theirs) {
        LettuceConnectionFactory own =
                new LettuceConnectionFactory(configuration(theirs), theirs.getClientConfiguration());
        own.setEagerInitialization(false);
        own.start();
        return own.getRequiredNativeClient();
    }

    private static RedisConfiguration configuration(LettuceConnectionFactory theirs) {
        if (theirs.getClusterConfiguration() != null) {
            return theirs.getClusterConfiguration();
        }
        if (theirs.getSentinelConfiguration() != null) {
            return theirs.getSentinelConfiguration();
        }
        return theirs.getSocketConfiguration() == null
                ? theirs.getStandaloneConfiguration()
                : theirs.getSocketConfiguration();
    }
}
