package dev.tally.boot.transport;

import dev.tally.boot.transport.choice.TransportChoiceException;
import dev.tally.transport.RoutingTransport;
import dev.tally.transport.Transport;
import java.util.List;
import java.util.Set;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Ends the start-up where a transport is to be used that is not wired, for instance because its broker's part of Spring Boot
 * is not on the class path: nothing would be published or consumed, silently.
 */
final class TransportsCheck implements SmartInitializingSingleton {

    private final Set<String> wanted;
    private final List<Transport> transports;

    TransportsCheck(Set<String> wanted, List<Transport> transports) {
        this.wanted = wanted;
        this.transports = transports;
    }

    @Override
    public void afterSingletonsInstantiated() {
        List<String> there = transports.stream()
                .filter(transport -> !(transport instanceof RoutingTransport))
                .map(Transport::name)
                .toList();
        List<String> missing =
                wanted.stream().filter(name -> !there.contains(name)).toList();
        if (!missing.isEmpty()) {
            throw new TransportChoiceException("Cannot start with the transports " + wanted + ": " + missing
                    + " could not be wired; add Spring Boot's starter of that broker (spring-boot-starter-kafka, -amqp,"
                    + " -data-redis), or its client, to the class path");
        }
    }
}
