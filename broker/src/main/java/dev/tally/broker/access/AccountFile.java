package dev.tally.broker.access;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads account files: YAML with RocketMQ's names. It is strict, because what is misspelled here opens or closes doors:
 * unknown names, permissions and addresses are refused with their line. Values are text as it stands, so a secret of
 * digits keeps its leading zeros.
 */
final class AccountFile {

    private static final int SHORTEST_KEY = 7;
    private static final int MOST_CHARACTERS = 4 * 1024 * 1024;

    private final String name;

    private AccountFile(String name) {
        this.name = name;
    }

    /**
     * Reads the text of a file.
     *
     * @param name the file's name, for complaints
     */
    static Accounts read(String name, String text) throws AccountFileException {
        return new AccountFile(name).accounts(text);
    }

    private Accounts accounts(String text) throws AccountFileException {
        LoaderOptions limits = new LoaderOptions();
        limits.setAllowDuplicateKeys(false);
        limits.setMaxAliasesForCollections(0);
        limits.setCodePointLimit(MOST_CHARACTERS);
        Node root;
        try {
            root = new Yaml(limits).compose(new StringReader(text));
        } catch (MarkedYAMLException e) {
            throw complaint(e.getProblemMark(), "this is no YAML: " + e.getProblem());
        } catch (YAMLException e) {
            throw new AccountFileException("Cannot use account file " + name + ": " + e.getMessage());
        }
        List<AddressPattern> trusted = new ArrayList<>();
        Map<String, Account> accounts = new HashMap<>();
        if (root == null) {
            throw new AccountFileException("Cannot use account file " + name + ": it is empty");
        }
        for (Entry entry : entries(root)) {
            switch (entry.key) {
                case "globalWhiteRemoteAddresses" -> {
                    for (Node address : items(entry.value)) {
                        trusted.add(pattern(address));
                    }
                }
                case "accounts" -> {
                    for (Node node : items(entry.value)) {
                        Account account = new Reading(node).account();
                        if (accounts.putIfAbsent(account.accessKey(), account) != null) {
                            throw complaint(node.getStartMark(), "a second account " + account.accessKey());
                        }
                    }
                }
                // RocketMQ's own tools write it.
                case "dataVersion" -> {}
                default -> throw unknown(entry);
            }
        }
        return new Accounts(List.copyOf(trusted), Map.copyOf(accounts));
    }

    private record Entry(String key, Node at, Node value) {}

    /** One account while it is read. */
    private final class Reading {
        private final Node at;
        private final Map<String, Permission> topics = new HashMap<>();
        private final Map<String, Permission> groups = new HashMap<>();
        private String accessKey = "";
        private String secretKey = "";
        private @Nullable AddressPattern trusted;
        private boolean admin;
        private Permission defaultTopic = Permission.DENY;
        private Permission defaultGroup = Permission.DENY;

        Reading(Node at) throws AccountFileException {
            this.at = at;
            for (Entry entry : entries(at)) {
                set(entry);
            }
        }

        private void set(Entry entry) throws AccountFileException {
            switch (entry.key) {
                case "accessKey" -> accessKey = text(entry.value);
                case "secretKey" -> secretKey = text(entry.value);
                case "whiteRemoteAddress" -> {
                    trusted = text(entry.value).isEmpty() ? null : pattern(entry.value);
                }
                case "admin" -> admin = truth(entry.value);
                case "defaultTopicPerm" -> defaultTopic = permission(entry.value, text(entry.value));
                case "defaultGroupPerm" -> defaultGroup = permission(entry.value, text(entry.value));
                case "topicPerms" -> permissions(entry.value, topics);
                case "groupPerms" -> permissions(entry.value, groups);
                default -> throw unknown(entry);
            }
        }

        Account account() throws AccountFileException {
            require("accessKey", accessKey);
            require("secretKey", secretKey);
            return new Account(
                    accessKey,
                    new Signature(secretKey),
                    trusted,
                    admin,
                    defaultTopic,
                    defaultGroup,
                    Map.copyOf(topics),
                    Map.copyOf(groups));
        }

        private void require(String what, String value) throws AccountFileException {
            if (value.length() < SHORTEST_KEY) {
                throw complaint(
                        at.getStartMark(),
                        value.isEmpty()
                                ? "the account has no " + what
                                : "the " + what + " has " + value.length() + " characters; at least " + SHORTEST_KEY
                                        + " are asked for");
            }
        }
    }

    private void permissions(Node list, Map<String, Permission> into) throws AccountFileException {
        for (Node item : items(list)) {
            String text = text(item);
            int equals = text.indexOf('=');
            if (equals < 1) {
                throw complaint(item.getStartMark(), "'" + text + "' is not of the form name=PERMISSION");
            }
            String resource = text.substring(0, equals).trim();
            Permission permission = permission(item, text.substring(equals + 1).trim());
            if (into.putIfAbsent(resource, permission) != null) {
                throw complaint(item.getStartMark(), "a second permission for " + resource);
            }
        }
    }

    private Permission permission(Node at, String text) throws AccountFileException {
        if (text.isEmpty()) {
            return Permission.DENY;
        }
        Permission permission = Permission.spelled(text);
        if (permission == null) {
            throw complaint(at.getStartMark(), "'" + text + "' is no permission; DENY, PUB, SUB and PUB|SUB are");
        }
        return permission;
    }

    private AddressPattern pattern(Node node) throws AccountFileException {
        try {
            return AddressPattern.parse(text(node));
        } catch (IllegalArgumentException e) {
            throw complaint(node.getStartMark(), String.valueOf(e.getMessage()));
        }
    }

    private boolean truth(Node node) throws AccountFileException {
        return switch (text(node)) {
            case "true" -> true;
            case "false", "" -> false;
            default -> throw complaint(node.getStartMark(), "'" + text(node) + "' is neither true nor false");
        };
    }

    private List<Entry> entries(Node node) throws AccountFileException {
        if (!(node instanceof MappingNode mapping)) {
            throw complaint(node.getStartMark(), "names with values are expected here");
        }
        List<Entry> entries = new ArrayList<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Entry entry = new Entry(text(tuple.getKeyNode()), tuple.getKeyNode(), tuple.getValueNode());
            if (entries.stream().anyMatch(other -> other.key.equals(entry.key))) {
                throw complaint(entry.at.getStartMark(), "a second " + entry.key);
            }
            entries.add(entry);
        }
        return entries;
    }

    private List<Node> items(Node node) throws AccountFileException {
        if (node instanceof ScalarNode scalar && scalar.getValue().isEmpty()) {
            return List.of();
        }
        if (!(node instanceof SequenceNode sequence)) {
            throw complaint(node.getStartMark(), "a list is expected here");
        }
        return sequence.getValue();
    }

    private String text(Node node) throws AccountFileException {
        if (!(node instanceof ScalarNode scalar)) {
            throw complaint(node.getStartMark(), "a plain value is expected here");
        }
        return scalar.getValue().trim();
    }

    private AccountFileException unknown(Entry entry) {
        return complaint(entry.at.getStartMark(), "'" + entry.key + "' is not known here");
    }

    private AccountFileException complaint(@Nullable Mark mark, String what) {
        String line = mark == null ? "" : ", line " + (mark.getLine() + 1);
        return new AccountFileException("Cannot use account file " + name + line + ": " + what);
    }

    /** Tells of accounts that may do everything from anywhere, which nobody should have by accident. */
    static void warn(Accounts accounts, Consumer<String> warning) {
        if (accounts.byAccessKey().isEmpty() && accounts.trusted().isEmpty()) {
            warning.accept("it names no account and no address: every request is refused");
        }
    }
}
