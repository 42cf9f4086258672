package dev.tally.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Tells an encrypted connection from a plain one by its first byte, and makes way. A TLS handshake begins with 0x16; a
 * plain connection begins with the highest byte of a length, which could be that only for a frame of 350 MiB.
 */
final class FirstByte extends ChannelInboundHandlerAdapter {

    private static final Logger log = LoggerFactory.getLogger(FirstByte.class);
    private static final byte HANDSHAKE = 0x16;

    private final Tls tls;

    FirstByte(Tls tls) {
        this.tls = tls;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (!bytes.isReadable()) {
            bytes.release();
            return;
        }
        boolean encrypted = bytes.getByte(bytes.readerIndex()) == HANDSHAKE;
        boolean refused = encrypted ? tls.mode() == TlsMode.DISABLED : tls.mode() == TlsMode.ENFORCING;
        if (refused) {
            bytes.release();
            long refusals = tls.refusedSoFar();
            // One line for each power of two: a line for each connection would be another attack.
            log.atLevel(Long.bitCount(refusals) == 1 ? Level.WARN : Level.DEBUG)
                    .log(
                            "Closing connection: {}; remote={} refusedSoFar={}",
                            encrypted ? "it is encrypted, and TLS is disabled" : "it is plain, and TLS is enforced",
                            context.channel().remoteAddress(),
                            refusals);
            var unused = context.close();
            return;
        }
        if (encrypted) {
            context.pipeline().addAfter(context.name(), null, tls.handler(context.alloc()));
        }
        // The next handler gets what came so far when this one is gone, so that it sees everything in its turn.
        context.fireChannelRead(message);
        if (!context.isRemoved()) {
            context.pipeline().remove(this);
        }
    }
}
