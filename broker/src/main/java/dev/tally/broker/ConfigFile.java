package dev.tally.broker;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * A file with options: Java properties, named like the options without their dashes. What the command line says goes
 * before.
 */
final class ConfigFile implements IDefaultValueProvider {

    static final String OPTION = "--config";

    private final Map<String, String> values;

    private ConfigFile(Map<String, String> values) {
        this.values = values;
    }

    /** The file that the arguments name, {@code null} for none. */
    static @Nullable Path named(String... arguments) {
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].startsWith(OPTION + "=")) {
                return Path.of(arguments[i].substring(OPTION.length() + 1));
            }
            if (arguments[i].equals(OPTION) && i + 1 < arguments.length) {
                return Path.of(arguments[i + 1]);
            }
        }
        return null;
    }

    /**
     * Reads a file for a command.
     *
     * @throws IOException where it cannot be read, or holds what is no option of the command
     */
    static ConfigFile read(Path file, CommandSpec command) throws IOException {
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new IOException("Cannot use configuration file " + file + ": it does not exist", e);
        } catch (CharacterCodingException e) {
            throw new IOException("Cannot use configuration file " + file + ": it is no UTF-8 text", e);
        } catch (IOException e) {
            throw new IOException("Cannot use configuration file " + file + ": " + e, e);
        }
        Strict properties = new Strict();
        try (Reader reader = new StringReader(text)) {
            properties.load(reader);
        } catch (IllegalArgumentException e) {
            throw new IOException("Cannot use configuration file " + file + ": " + e.getMessage(), e);
        }
        if (!properties.repeated.isEmpty()) {
            throw new IOException(
                    "Cannot use configuration file " + file + ": set more than once: " + properties.repeated);
        }
        Map<String, String> values = new TreeMap<>();
        properties.forEach((name, value) -> values.put((String) name, ((String) value).trim()));
        List<String> known = settings(command);
        for (String name : values.keySet()) {
            if (!known.contains(name)) {
                throw new IOException("Cannot use configuration file " + file + ": '" + name
                        + "' is no setting; these are: " + String.join(", ", known));
            }
        }
        return new ConfigFile(values);
    }

    /** What a file may set: every option with a value or a meaning of its own. */
    static List<String> settings(CommandSpec command) {
        return command.options().stream()
                .filter(option -> !option.usageHelp() && !option.versionHelp())
                .map(ConfigFile::settingName)
                .filter(name -> !OPTION.equals("--" + name))
                .sorted()
                .collect(Collectors.toList());
    }

    private static String settingName(OptionSpec option) {
        return option.longestName().replaceFirst("^--", "");
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        return argument.isOption() ? values.get(settingName((OptionSpec) argument)) : null;
    }

    /** Properties that notice what is set twice, where the last one would win. */
    private static final class Strict extends Properties {
        private static final long serialVersionUID = 1L;

        private final transient List<String> repeated = new ArrayList<>();

        @Override
        public synchronized @Nullable Object put(Object key, Object value) {
            if (containsKey(key)) {
                repeated.add((String) key);
            }
            return super.put(key, value);
        }
    }
}
