#include "daemon/app/ctl/commands.hpp"

int main(int count, char** words)
{
    return raiten::app::ctl::run(count, words);
}
