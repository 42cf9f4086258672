package dev.tally.transport.rocketmq.real;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.apache.rocketmq.auth.authentication.enums.UserType;
import org.apache.rocketmq.auth.authentication.model.User;
import org.apache.rocketmq.auth.authorization.enums.Decision;
import org.apache.rocketmq.auth.authorization.model.Acl;
import org.apache.rocketmq.auth.authorization.model.Resource;
import org.apache.rocketmq.broker.BrokerController;
import org.apache.rocketmq.common.action.Action;

/**
 * A broker in a JVM of its own, that can be killed or has other system properties. Arguments, each {@code name=value}:
 *
 * <ul>
 *   <li>{@code directory=..} for its files;
 *   <li>{@code nameServer=host:port} to join, or {@code nameServerPort=..} to start one as well;
 *   <li>{@code system.NAME=..} a system property, {@code topic.NAME=QUEUES} a topic;
 *   <li>{@code account.NAME=SECRET|RESOURCE,..} an account that may send to, and consume from, these resources;
 *   <li>everything else as in RocketMQ's configuration files.
 * </ul>
 */
public final class RealRocketMqMain {

    /** What it prints when clients can come. */
    public static final String READY = "the broker is ready";

    private RealRocketMqMain() {}

    public static void main(String[] arguments) throws Exception {
        Properties settings = new Properties();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            settings.setProperty(argument.substring(0, equals), argument.substring(equals + 1));
        }
        each(settings, "system.", name -> System.setProperty(name, settings.getProperty("system." + name)));
        run(settings);
        System.out.println(READY);
        new CountDownLatch(1).await();
    }

    private static void run(Properties settings) throws Exception {
        Path directory = Path.of(settings.getProperty("directory"));
        String port = settings.getProperty("nameServerPort");
        String nameServer = settings.getProperty("nameServer");
        if (port != null) {
            nameServer = RealNameServer.start(directory, Integer.parseInt(port)).address();
        }
        RealBroker broker = RealBroker.start(directory, nameServer, settings);
        each(
                settings,
                "topic.",
                name -> broker.createTopic(name, Integer.parseInt(settings.getProperty("topic." + name))));
        each(
                settings,
                "account.",
                name -> createAccount(broker.controller(), name, settings.getProperty("account." + name)));
        broker.awaitRegistered(topic -> isListed(broker.controller(), topic), "TBW102");
    }

    private static boolean isListed(BrokerController broker, String topic) {
        try {
            return broker.getBrokerOuterAPI().getTopicRouteInfoFromNameServer(topic, 3000).getBrokerDatas().stream()
                    .anyMatch(listed -> listed.getBrokerAddrs().containsValue(broker.getBrokerAddr()));
        } catch (Exception e) {
            return false; // asked again
        }
    }

    private static void createAccount(BrokerController broker, String name, String value) {
        String[] secretAndResources = value.split("\\|", 2);
        User user = User.of(name, secretAndResources[0], UserType.NORMAL);
        broker.getAuthenticationMetadataManager().createUser(user).join();
        List<Resource> resources = Arrays.stream(secretAndResources[1].split(","))
                .map(Resource::of)
                .toList();
        broker.getAuthorizationMetadataManager()
                .createAcl(Acl.of(user, resources, List.of(Action.PUB, Action.SUB), null, Decision.ALLOW))
                .join();
    }

    private static void each(Properties settings, String prefix, Consumer<String> action) {
        settings.stringPropertyNames().stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .forEach(action);
    }
}
