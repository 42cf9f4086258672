package dev.tally.internal;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.InvokeDynamicInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.VarInsnNode;
import org.objectweb.asm.tree.analysis.Analyzer;
import org.objectweb.asm.tree.analysis.AnalyzerException;
import org.objectweb.asm.tree.analysis.Frame;
import org.objectweb.asm.tree.analysis.SourceInterpreter;
import org.objectweb.asm.tree.analysis.SourceValue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds calls of a bean's method on the bean itself ({@code this.place(..)}), which go past its proxy: read from the
 * byte code of its class and those above it. A call on anything else, for instance on an injected proxy of itself, is
 * none. What cannot be read is not looked at.
 */
public final class SelfInvocations {

    private static final Logger log = LoggerFactory.getLogger(SelfInvocations.class);
    private static final String LAMBDA = "lambda$";

    private SelfInvocations() {}

    /** The methods, as {@code Type.method}, from which a method is called on the object itself; sorted. */
    public static List<String> of(Class<?> beanType, Method method) {
        Set<String> callers = new TreeSet<>();
        for (Class<?> type = beanType; type != null && type != Object.class; type = type.getSuperclass()) {
            ClassNode code = read(type);
            if (code != null) {
                for (MethodNode caller : code.methods) {
                    if (!isTheSame(caller, method) && callsOnItself(code, caller, beanType, method)) {
                        callers.add(type.getSimpleName() + "." + written(caller.name));
                    }
                }
            }
        }
        return new ArrayList<>(callers);
    }

    private static @Nullable ClassNode read(Class<?> type) {
        String file = type.getName().substring(type.getName().lastIndexOf('.') + 1) + ".class";
        try (InputStream bytes = type.getResourceAsStream(file)) {
            if (bytes == null) {
                return null;
            }
            ClassNode node = new ClassNode();
            new ClassReader(bytes).accept(node, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
            return node;
        } catch (IOException | IllegalArgumentException e) {
            // A class file of a later Java version than the reader knows, or one that is generated.
            log.debug("calls on itself not looked for type={} reason={}", type.getName(), e.toString());
            return null;
        }
    }

    /** Overriding and calling the method above is not going past the proxy; neither is what the compiler adds for generics. */
    private static boolean isTheSame(MethodNode caller, Method method) {
        return caller.name.equals(method.getName())
                && ((caller.access & Opcodes.ACC_BRIDGE) != 0 || caller.desc.equals(Type.getMethodDescriptor(method)));
    }

    private static boolean callsOnItself(ClassNode code, MethodNode caller, Class<?> beanType, Method method) {
        if ((caller.access & Opcodes.ACC_STATIC) != 0 || caller.instructions.size() == 0) {
            return false;
        }
        Frame<SourceValue>[] frames;
        try {
            frames = new Analyzer<>(new SourceInterpreter()).analyze(code.name, caller);
        } catch (AnalyzerException e) {
            log.debug("calls on itself not looked for caller={}.{} reason={}", code.name, caller.name, e.toString());
            return false;
        }
        for (int i = 0; i < frames.length; i++) {
            SourceValue receiver =
                    frames[i] == null ? null : receiver(caller.instructions.get(i), frames[i], beanType, method);
            if (receiver != null && isThis(receiver)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable SourceValue receiver(
            AbstractInsnNode instruction, Frame<SourceValue> frame, Class<?> beanType, Method method) {
        if (instruction instanceof MethodInsnNode call && names(call.owner, call.name, call.desc, beanType, method)) {
            return below(frame, Type.getArgumentTypes(call.desc).length);
        }
        if (instruction instanceof InvokeDynamicInsnNode dynamic) {
            for (Object argument : dynamic.bsmArgs) {
                if (argument instanceof Handle handle
                        && names(handle.getOwner(), handle.getName(), handle.getDesc(), beanType, method)
                        && Type.getArgumentTypes(dynamic.desc).length == 1) {
                    return below(frame, 0);
                }
            }
        }
        return null;
    }

    private static SourceValue below(Frame<SourceValue> frame, int arguments) {
        return frame.getStack(frame.getStackSize() - 1 - arguments);
    }

    /** By name and parameters; the owner that is written may be any type of the bean's. */
    private static boolean names(String owner, String name, String descriptor, Class<?> beanType, Method method) {
        return name.equals(method.getName())
                && descriptor.equals(Type.getMethodDescriptor(method))
                && isTypeOf(beanType, owner);
    }

    private static boolean isTypeOf(Class<?> beanType, String owner) {
        for (Class<?> type = beanType; type != null; type = type.getSuperclass()) {
            if (Type.getInternalName(type).equals(owner)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isThis(SourceValue value) {
        return !value.insns.isEmpty()
                && value.insns.stream()
                        .allMatch(source -> source instanceof VarInsnNode load
                                && load.getOpcode() == Opcodes.ALOAD
                                && load.var == 0);
    }

    /** The method in which a lambda is written. */
    private static String written(String name) {
        if (!name.startsWith(LAMBDA)) {
            return name;
        }
        int end = name.indexOf('$', LAMBDA.length());
        return end < 0 ? name : name.substring(LAMBDA.length(), end);
    }
}
