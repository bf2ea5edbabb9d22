// Asio, its TLS half and Beast are compiled here, once, for every room that speaks to the world.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
