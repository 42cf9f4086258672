package dev.tally.boot;

import dev.tally.boot.TallyBridgeProperties.Mode;
import dev.tally.message.MessageTypes;
import dev.tally.outbox.bridge.BridgeMapping;
import dev.tally.outbox.bridge.BridgeRefusedException;
import dev.tally.outbox.bridge.Peer;
import dev.tally.outbox.bridge.TypeMapping;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.util.ClassUtils;

/** What the properties say about each bridge, and the mapping that it has. */
final class BridgeParts {

    /** Beans that deliver what a bridge takes: with one of them in the application, both would. */
    private static final Map<String, List<String>> RELAYS = Map.of(
            Peer.Modulith.NAME,
            List.of(
                    "org.springframework.modulith.events.support.DelegatingEventExternalizer",
                    "org.springframework.modulith.events.support.EventExternalizerModuleListener"),
            Peer.TransactionOutbox.NAME,
            List.of("com.gruelbox.transactionoutbox.TransactionOutbox"),
            Peer.Namastack.NAME,
            List.of("io.namastack.outbox.OutboxProcessingScheduler"));

    private final ListableBeanFactory beanFactory;
    private final Map<String, BridgeMapping> mappings = new LinkedHashMap<>();

    BridgeParts(ListableBeanFactory beanFactory, List<TallyBridgeMapping> declared) {
        this.beanFactory = beanFactory;
        for (TallyBridgeMapping each : declared) {
            if (mappings.put(each.bridge(), each.mapping()) != null) {
                throw new BridgeRefusedException("Cannot bridge " + each.bridge()
                        + ": there are two beans of type TallyBridgeMapping for it; keep one");
            }
        }
    }

    /** A bridge to build. */
    record Part(Peer peer, Mode mode, BridgeMapping mapping) {}

    List<Part> of(TallyBridgeProperties properties) {
        List<Part> parts = new ArrayList<>();
        TallyBridgeProperties.Modulith modulith = properties.modulith();
        if (modulith.mode() != Mode.OFF) {
            Peer peer = new Peer.Modulith(modulith.table(), modulith.listeners());
            parts.add(part(peer, modulith.mode(), byType(peer, modulith.topics(), modulith.types())));
        }
        TallyBridgeProperties.TransactionOutbox transactionOutbox = properties.transactionOutbox();
        if (transactionOutbox.mode() != Mode.OFF) {
            Peer peer = new Peer.TransactionOutbox(transactionOutbox.table());
            parts.add(part(peer, transactionOutbox.mode(), null));
        }
        TallyBridgeProperties.Namastack namastack = properties.namastack();
        if (namastack.mode() != Mode.OFF) {
            Peer peer = new Peer.Namastack(namastack.table(), namastack.instanceTable(), namastack.handlers());
            // There is a record for each handler: taken all by one mapping, a payload would be sent as often.
            boolean named = !namastack.handlers().isEmpty();
            parts.add(part(peer, namastack.mode(), named ? byType(peer, namastack.topics(), namastack.types()) : null));
        }
        return parts;
    }

    private Part part(Peer peer, Mode mode, @Nullable BridgeMapping byProperties) {
        BridgeMapping declared = mappings.get(peer.name());
        BridgeMapping mapping = declared != null ? declared : byProperties;
        if (mode == Mode.DRAIN) {
            if (mapping == null) {
                throw new BridgeRefusedException("Cannot drain " + peer.name()
                        + ": nothing says what messages its rows become. Define a bean of type TallyBridgeMapping"
                        + (peer instanceof Peer.Namastack
                                ? ", or name the handlers and topics (tally.outbox.bridge.namastack.handlers, .topics)"
                                : ""));
            }
            refuseRelayOf(peer.name());
        }
        return new Part(peer, mode, mapping != null ? mapping : row -> BridgeMapping.leave("not mapped"));
    }

    private void refuseRelayOf(String bridge) {
        for (String name : RELAYS.getOrDefault(bridge, List.of())) {
            ClassLoader loader = BridgeParts.class.getClassLoader();
            if (ClassUtils.isPresent(name, loader)
                    && beanFactory.getBeanNamesForType(ClassUtils.resolveClassName(name, loader), true, false).length
                            > 0) {
                throw new BridgeRefusedException("Cannot drain " + bridge
                        + ": this application itself still has it at work (a bean of type " + name
                        + "), so that rows would be delivered twice. Remove it first, or keep the bridge in mode"
                        + " watch");
            }
        }
    }

    private static BridgeMapping byType(Peer peer, Map<String, String> topics, Map<String, String> types) {
        List<String> withoutTopic = types.keySet().stream()
                .filter(type -> !topics.containsKey(type))
                .toList();
        if (!withoutTopic.isEmpty()) {
            throw new BridgeRefusedException(
                    "Cannot bridge " + peer.name() + ": tally.outbox.bridge." + peer.name() + ".types names "
                            + withoutTopic + ", and .topics does not; both go by the name as the table has it");
        }
        Map<String, TypeMapping.Target> targets = new LinkedHashMap<>();
        topics.forEach((type, topic) -> {
            String named = types.get(type);
            targets.put(type, new TypeMapping.Target(topic, named != null ? named : logicalName(type)));
        });
        return new TypeMapping(targets);
    }

    /** Only classes that the configuration names are looked for, never those that rows name. */
    private static String logicalName(String type) {
        ClassLoader loader = BridgeParts.class.getClassLoader();
        return ClassUtils.isPresent(type, loader)
                ? MessageTypes.nameOf(ClassUtils.resolveClassName(type, loader))
                : ClassUtils.getShortName(type).replaceFirst("^.*\\.", "");
    }
}
