#ifndef BROOD_PROTO_STEER_H
#define BROOD_PROTO_STEER_H

/*
 * steer - messages about one running child: encoded and decoded as those of
 * encode.h and decode.h, with the same rules.
 */

#include "base/buf.h"
#include "proto/decode.h"
#include "proto/message.h"

int encode_piece(struct buf *b, const struct message_piece *m);
int encode_pause(struct buf *b, const struct message_pause *m);
int encode_kill(struct buf *b, const struct message_kill *m);
int encode_leave(struct buf *b, const struct message_leave *m);
int encode_peek(struct buf *b, const struct message_peek *m);
int encode_taken(struct buf *b, const struct message_taken *m);
int encode_ended(struct buf *b, const struct message_ended *m);

int decode_piece(struct reader *r, struct message_piece *ret);
int decode_pause(struct reader *r, struct message_pause *ret);
int decode_kill(struct reader *r, struct message_kill *ret);
int decode_leave(struct reader *r, struct message_leave *ret);
int decode_peek(struct reader *r, struct message_peek *ret);
int decode_taken(struct reader *r, struct message_taken *ret);
int decode_ended(struct reader *r, struct message_ended *ret);

#endif /* BROOD_PROTO_STEER_H */
