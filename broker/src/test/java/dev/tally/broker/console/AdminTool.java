package dev.tally.broker.console;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.rocketmq.remoting.RPCHook;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.tools.command.MQAdminStartup;
import org.apache.rocketmq.tools.command.SubCommand;
import org.jspecify.annotations.Nullable;

/** RocketMQ's own mqadmin, run in this process; answers what it printed. */
final class AdminTool {

    private final String address;

    AdminTool(String address) {
        this.address = address;
    }

    String run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("-n");
        all.add(address);
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream both = new PrintStream(printed, true, StandardCharsets.UTF_8);
        System.setOut(both);
        System.setErr(both);
        try {
            MQAdminStartup.main0(all.toArray(String[]::new), new NoHook());
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    /** The names of all its commands. */
    static Set<String> commands() throws ReflectiveOperationException {
        MQAdminStartup.initCommand();
        Field field = MQAdminStartup.class.getDeclaredField("SUB_COMMANDS");
        field.setAccessible(true);
        Set<String> names = new TreeSet<>();
        for (Object command : (List<?>) field.get(null)) {
            names.add(((SubCommand) command).commandName());
        }
        return names;
    }

    /** Without one the tool looks for a file with access keys. */
    private static final class NoHook implements RPCHook {
        @Override
        public void doBeforeRequest(String remote, RemotingCommand request) {
            // Nothing is signed.
        }

        @Override
        public void doAfterResponse(String remote, RemotingCommand request, @Nullable RemotingCommand response) {
            // Nothing is looked at.
        }
    }
}
