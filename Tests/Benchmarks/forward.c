// The least that a TCP front end can cost: bytes read from one socket are written to the other, and nothing else is done.
// What the kernel charges for that is the floor under every figure of the gateway.
//
// usage: forward LISTEN_PORT TARGET_PORT   (both on 127.0.0.1)
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 4096 };
static int other[MOST];
static char bytes[64 * 1024];

static void watch(int queue, int descriptor) {
  int one = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
  epoll_ctl(queue, EPOLL_CTL_ADD, descriptor, &event);
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1, queue = epoll_create1(0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  address.sin_port = htons((uint16_t)atoi(arguments[1]));
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 512)) return 1;
  watch(queue, listener);
  address.sin_port = htons((uint16_t)atoi(arguments[2]));
  for (;;) {
    struct epoll_event events[256];
    int ready = epoll_wait(queue, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      int from = events[i].data.fd;
      if (from == listener) {
        int front = accept(listener, 0, 0), back = socket(AF_INET, SOCK_STREAM, 0);
        if (front < 0 || back < 0 || front >= MOST || back >= MOST) return 1;
        if (connect(back, (struct sockaddr *)&address, sizeof address)) return 1;
        other[front] = back;
        other[back] = front;
        watch(queue, front);
        watch(queue, back);
        continue;
      }
      ssize_t length = recv(from, bytes, sizeof bytes, MSG_DONTWAIT);
      if (length > 0) {
        if (send(other[from], bytes, (size_t)length, MSG_NOSIGNAL) == length) continue;
      } else if (length < 0) {
        continue;
      }
      // Either end is over: both are closed once, and what else this turn had to say of them does not matter.
      if (other[from]) close(other[from]), other[other[from]] = 0;
      other[from] = 0;
      close(from);
    }
  }
}
